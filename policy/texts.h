// The policies as text, for `dotkeep policy`; in the library policy_text.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace dotkeep::policy {

struct Text {
  std::string_view room;
  std::string_view text;  // what is compiled in: inherited lines (marked [ROOM.SECTION]) included
  std::size_t allowed_syscalls = 0;  // distinct system calls
  // What the supervisor makes around the process, before it is executed.
  bool namespaces = false;
  bool empty_network = false;
  bool empty_root = false;
};

[[nodiscard]] std::span<const Text> texts();

}  // namespace dotkeep::policy
