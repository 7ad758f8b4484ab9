#include "escape/planted.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "escape/attempt.h"
#include "ipc/descriptors.h"

extern "C" {
// Where the attacker, who knows the program, sends control to. Its number is the attempt to make; 0
// and all that follows the magic are the client's. Kept and named, so that a test finds its
// address.
[[gnu::used, gnu::noinline, gnu::visibility("default")]] void planted_payload(unsigned number);
}

namespace dotkeep::escape {
namespace {

constexpr std::string_view kMagic = "overflow";
constexpr std::size_t kHeader = 12;

struct Frame {
  std::array<char, 16> label;
  void (*next)(unsigned);
  unsigned number;
};
Frame frame;  // as it would lie in the heap or on a stack without a canary

void nothing(unsigned /*number*/) {}

void (*volatile kept)(unsigned) = planted_payload;  // or the linker leaves out what nobody calls

}  // namespace

void parse_with_a_hole(Octets message) {
  if (message.size() < kHeader + 1 + kMagic.size() ||
      std::memcmp(&message[kHeader + 1], kMagic.data(), kMagic.size()) != 0) {
    return;
  }
  const std::size_t length = message[kHeader];  // believed, as such bugs do
  frame.next = kept == nullptr ? nullptr : nothing;
  auto* volatile to =
      reinterpret_cast<char*>(&frame);  // volatile: the compiler is not to see how small it is
  std::memcpy(to, &message[kHeader + 1], std::min(length, message.size() - kHeader - 1));
  frame.next(frame.number);
}

}  // namespace dotkeep::escape

void planted_payload(unsigned number) {
  using namespace dotkeep::escape;
  World world{};
  world.room = kFrontend;
  world.folder = "/tmp";
  world.sibling = 1;
  world.port = 853;
  world.wall = dotkeep::ipc::kFirstWallFd;
  world.socket = dotkeep::ipc::kFirstListenerFd;
  const Attempt* const what = attempt(number);
  const bool succeeded = what != nullptr && what->succeeds(world);
  const std::string_view line = what == nullptr ? "payload: no such attempt\n"
                                : succeeded     ? "payload: SUCCEEDED\n"
                                                : "payload: refused\n";
  static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
}
