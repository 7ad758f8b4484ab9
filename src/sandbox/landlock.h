// Landlock by its system calls: the C library has no names for them.
#pragma once

#include "sandbox/sandbox.h"

namespace dotkeep::sandbox {

// The newest interface that the kernel has, 0 for none, at most kLandlockAbi.
[[nodiscard]] int landlock_abi();
// What this file knows; newer kernels are asked for no more than this.
inline constexpr int kLandlockAbi = 7;

// Puts what `policy` asks for and the kernel has in force and notes it in `layers`. Needs
// no_new_privs. On failure the errno; a kernel without Landlock is no failure.
[[nodiscard]] std::expected<void, int> enter_landlock(const Policy& policy, const Grants& grants,
                                                      Layers& layers);

}  // namespace dotkeep::sandbox
