// Why a process died, in words.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace dotkeep::supervisor {

// The kernel names the system call of a SIGSYS death only in its log. Opened in bootstrap, as root;
// without that right the call stays unnamed.
class KernelLog {
 public:
  [[nodiscard]] static KernelLog open();
  [[nodiscard]] int fd() const { return fd_.get(); }
  // The number of the call for which `pid` was killed, if the log tells. Reads what is new in the
  // log.
  [[nodiscard]] std::optional<int> killed_for(pid_t pid) const;

 private:
  Fd fd_;
};

// The number in a line of the kernel's log (audit type 1326) that is about `pid`.
[[nodiscard]] std::optional<int> system_call_in(std::string_view line, pid_t pid);

// "SIGSEGV", "SIGRTMIN+2"; its number where it has no name.
[[nodiscard]] std::string name_of_signal(int number);

// "signal SIGSYS, system call socket", "exit status 1".
[[nodiscard]] std::string cause_of_death(const siginfo_t& info, const KernelLog& log);

}  // namespace dotkeep::supervisor
