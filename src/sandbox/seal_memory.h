// Layers over a process's own memory, from within.
#pragma once

namespace dotkeep::sandbox {

// mseal(2) over the program's code, constants and relocated tables, policy tables among them: not
// even a hole in the filter lets them be mapped over or made writable. False: the kernel has none
// (before 6.10).
[[nodiscard]] bool seal_program();

// Nothing that is mapped now, the reserve included, is ever written to swap; pages are taken as
// they are touched, as without it. False: RLIMIT_MEMLOCK does not allow it.
[[nodiscard]] bool lock_memory();

// Speculative store bypass off for good. False: the kernel does not let a process choose.
[[nodiscard]] bool stop_speculation();

}  // namespace dotkeep::sandbox
