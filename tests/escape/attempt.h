// What whoever has taken a process over would try: each attempt by itself, in a process that is
// sealed by the room's own code and then runs the attempt instead of serving.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>

namespace dotkeep::escape {

enum Room : unsigned {
  kFrontend = 1,
  kUpstream = 2,
  kConnector = 4,
  kProbe = 8,
  kHealth = 16,
  kControl = 32,
};

// What lies within reach of a process that is not sealed; `dotkeep-escape` sets it up.
struct World {
  Room room{};
  pid_t sibling = 0;        // a process of the same account that can be traced
  std::uint16_t port = 0;   // a TCP server at 127.0.0.1 that the room has no business with
  const char* folder = "";  // a folder that the account may write to; it holds the file "there"
  int socket = -1;          // a socket that the room was given, -1 where it holds none
  int wall = -1;            // its wall, -1 where it has none
};

struct Attempt {
  const char* name;
  bool (*succeeds)(const World&);  // false, or the death of the process: denied
  unsigned job = 0;                // the rooms whose job it is: not tried there
};

[[nodiscard]] std::span<const Attempt> file_attempts();
[[nodiscard]] std::span<const Attempt> socket_attempts();
[[nodiscard]] std::span<const Attempt> process_attempts();
[[nodiscard]] std::span<const Attempt> memory_attempts();
[[nodiscard]] std::span<const Attempt> kernel_attempts();

// All of them, by number; null beyond the last.
[[nodiscard]] const Attempt* attempt(std::size_t number);

// How an attempting process ends. Any other end is an escape or a mistake of the test.
inline constexpr int kSucceeded = 40;
inline constexpr int kRefused = 41;
inline constexpr int kNoSuchAttempt = 42;

// What `dotkeep-escape` tells a stand-in, in the environment: "NUMBER SIBLING PORT FOLDER".
inline constexpr const char* kOrderVariable = "DOTKEEP_ATTEMPT";

// Reads the order and remembers it; to be called before the seal. False: there is none.
bool take_order(const char* text, World& world, std::size_t& number);
// Makes the attempt and ends the process.
[[noreturn]] void make_attempt(const World& world, std::size_t number);

// --- for the attempts

inline bool got(long result) {
  return result >= 0;
}

}  // namespace dotkeep::escape
