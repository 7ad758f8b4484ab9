// What the supervisor and its workers do about signals.
#pragma once

#include <signal.h>

#include "base/fd.h"

namespace dotkeep::supervisor {

// All that reaches the supervisor through a descriptor: SIGCHLD, those that it obeys (SIGTERM,
// SIGINT, SIGQUIT: end; SIGHUP: reload), and those that mean nothing to it and would end it by
// default: somebody who takes it for another program must not stop the service. Left as they are:
// faults, SIGABRT (a service manager's last word before SIGKILL), job control.
[[nodiscard]] sigset_t heeded_signals();

// Blocks those and gives the descriptor (non-blocking) that tells of them. Ignores, for the workers
// too, what a log that cannot be written would end a process with: a closed pipe, a full quota, a
// terminal that stops who writes from the background. Empty: the kernel refused.
[[nodiscard]] Fd open_signals();

// For a process that is to become a worker: a signal to the whole process group (Ctrl-C, a
// time-out) is for the supervisor, which lets the workers finish.
void block_signals_of_worker();

}  // namespace dotkeep::supervisor
