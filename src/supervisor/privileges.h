// Giving up, for good, every privilege that bootstrap was started with.
#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "supervisor/account.h"

namespace dotkeep::supervisor {

struct DropError {
  std::string_view step;  // "the account", "capabilities", ...
  int error = 0;          // errno
};

// Becomes `account` (needs root; absent: stays who it is), without supplementary groups, keeps no
// capability in any set, empties the bounding set, locks the secure bits so that no later exec of
// root gains anything, and sets no_new_privs; then looks whether it is so. Without CAP_SETPCAP
// the bounding set and the secure bits stay as they are: no_new_privs makes both moot, and the
// layer "capabilities" is in force only where the bounding set is empty. An account with uid 0 is
// refused.
[[nodiscard]] std::expected<void, DropError> drop_privileges(const std::optional<Account>& account);

}  // namespace dotkeep::supervisor
