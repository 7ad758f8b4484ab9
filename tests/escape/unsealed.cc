// An ordinary process makes the same attempts: those that succeed here were denied by the seal and
// by nothing else.
#include <sys/socket.h>

#include <cstdlib>

#include "escape/attempt.h"

int main(int argc, char** argv) {
  dotkeep::escape::World world{};
  std::size_t number = 0;
  if (argc != 2 ||
      !dotkeep::escape::take_order(std::getenv(dotkeep::escape::kOrderVariable), world, number)) {
    return 64;
  }
  world.room = static_cast<dotkeep::escape::Room>(std::atoi(argv[1]));
  world.socket = 3;
  dotkeep::escape::make_attempt(world, number);
}
