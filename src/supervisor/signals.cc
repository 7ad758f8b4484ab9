#include "supervisor/signals.h"

#include <sys/signalfd.h>

namespace dotkeep::supervisor {

sigset_t heeded_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM,
                           SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT}) {
    ::sigaddset(&set, number);
  }
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) ::sigaddset(&set, number);
  return set;
}

Fd open_signals() {
  const sigset_t set = heeded_signals();
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return {};
  for (const int number : {SIGPIPE, SIGXFSZ, SIGTTOU}) {
    if (::signal(number, SIG_IGN) == SIG_ERR) return {};
  }
  return Fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

void block_signals_of_worker() {
  sigset_t set = heeded_signals();
  ::sigdelset(&set, SIGCHLD);  // it has no children
  ::sigprocmask(SIG_SETMASK, &set, nullptr);
}

}  // namespace dotkeep::supervisor
