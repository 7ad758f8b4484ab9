// A user namespace for all of dotkeep, owned by root, so that nobody outside has a right over those
// that the workers are put into: docs/decisions/namespaces.md.
#pragma once

#include <expected>

#include "supervisor/account.h"

namespace dotkeep::supervisor {

// Moves this process, which is root, into a new user namespace in which `account` is the only one
// there is. Every capability in it is there afterwards, to be dropped. False: the kernel or the
// container makes none, and nothing has changed. The error is an errno: it was made and cannot be
// used, and the process must end.
[[nodiscard]] std::expected<bool, int> enter_user_namespace(const Account& account);

}  // namespace dotkeep::supervisor
