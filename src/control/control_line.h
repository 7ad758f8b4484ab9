// What an operator may say on the control socket: one line.
//
//   status [json] [addresses]
//   flush [NAME]
//   flush-suffix NAME
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ipc/messages.h"

namespace dotkeep::control {

// With the longest name and the line's end.
inline constexpr std::size_t kMaxLine = ipc::kMaxFlushName + 16;

struct Command {
  enum class Kind : std::uint8_t { status, flush };
  Kind kind = Kind::status;
  bool json = false;
  bool addresses = false;  // refused prefixes as they are, not masked
  ipc::Flush::Scope scope = ipc::Flush::Scope::all;
  std::string_view name{};  // printable ASCII without spaces; a view into the line

  friend bool operator==(const Command&, const Command&) = default;
};

// `line` without its end. Nothing: it is none of the above, word for word.
[[nodiscard]] std::optional<Command> parse_control_line(std::string_view line);

// The line that says `command`, without an end, into `out`, which holds kMaxLine; the one form of
// it.
[[nodiscard]] std::size_t control_line(const Command& command, std::span<char> out);

}  // namespace dotkeep::control
