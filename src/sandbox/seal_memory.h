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

// Off for good, each as far as the kernel lets a process choose: speculative store bypass, and
// indirect branches predicted by what others on the same processor taught it (which costs a flush
// of the predictor whenever the processor passes to or from this process). False: no choice at all.
[[nodiscard]] bool stop_speculation();

}  // namespace dotkeep::sandbox
