// Names of system calls by number, for telling what a process was killed for; in policy_text.
#pragma once

#include <string_view>

namespace dotkeep::policy {

// "connect"; "unknown" for a number that the target has no name for.
[[nodiscard]] std::string_view syscall_name(int number);

}  // namespace dotkeep::policy
