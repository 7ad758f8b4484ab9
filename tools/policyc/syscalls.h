// The system calls that a policy may name, with their arguments' names and widths.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dotkeep::policyc {

// How much of the register the kernel looks at. Of an `int` it is the low half: what is above is
// whatever the caller left there, so comparing it would kill good callers and prove nothing.
enum class Width : std::uint8_t {
  none,     // no such argument
  bits32,   // int, unsigned
  bits64,   // long, size_t, off_t
  pointer,  // may only be compared with 0: seccomp cannot look behind it
};

struct Argument {
  std::string_view name;
  Width width = Width::none;
};

struct Syscall {
  std::string_view name;
  std::array<Argument, 6> arguments;
};

// Null: no policy may name it (add it to the table with its arguments from the manual).
[[nodiscard]] const Syscall* find_syscall(std::string_view name);

// Position of an argument, 0..5.
[[nodiscard]] std::optional<unsigned> find_argument(const Syscall& syscall, std::string_view name);

}  // namespace dotkeep::policyc
