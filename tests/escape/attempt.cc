#include "escape/attempt.h"

#include <unistd.h>

#include <array>
#include <cstdio>

namespace dotkeep::escape {
namespace {

char folder[256];

}  // namespace

const Attempt* attempt(std::size_t number) {
  for (const auto group : {file_attempts(), socket_attempts(), process_attempts(),
                           memory_attempts(), kernel_attempts()}) {
    if (number < group.size()) return &group[number];
    number -= group.size();
  }
  return nullptr;
}

bool take_order(const char* text, World& world, std::size_t& number) {
  int sibling = 0;
  unsigned port = 0;
  if (text == nullptr ||
      std::sscanf(text, "%zu %d %u %255s", &number, &sibling, &port, folder) != 4) {
    return false;
  }
  world.sibling = sibling;
  world.port = static_cast<std::uint16_t>(port);
  world.folder = folder;
  return true;
}

void make_attempt(const World& world, std::size_t number) {
  const Attempt* const what = attempt(number);
  if (what == nullptr) ::_exit(kNoSuchAttempt);
  ::_exit(what->succeeds(world) ? kSucceeded : kRefused);
}

}  // namespace dotkeep::escape
