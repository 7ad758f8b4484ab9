// How long a worker may run before another process that waits for its processor gets its turn.
#pragma once

namespace dotkeep::supervisor {

// Asks the kernel for short slices (sched_setattr(2): of SCHED_OTHER from Linux 6.12 on, older ones
// take no notice), for this process and all that it starts. It needs no privilege and gives none:
// the share of the processor stays what it was, it comes in smaller pieces and sooner. A query
// passes from process to process four times, and on a busy machine each of them would wait for the
// slice of another, some milliseconds. Does nothing where the operator has chosen another policy.
void ask_for_short_slices();

}  // namespace dotkeep::supervisor
