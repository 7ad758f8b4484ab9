#include "supervisor/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace dotkeep::supervisor {
namespace {

// Above every number that a worker's descriptors may be laid at: 2 x 64 listeners and 65 walls.
constexpr int kAside = 256;
constexpr int kFailedToStart = 127;  // as a shell says it

// In the child, between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(const Launch& what, char* const* argv) {
  // First all out of the way, so that no number is overwritten before it was copied.
  std::vector<std::pair<int, int>> aside = what.fds;
  aside.emplace_back(what.null_fd, STDIN_FILENO);
  if (!what.keep_output) aside.emplace_back(what.null_fd, STDOUT_FILENO);
  int last = STDERR_FILENO;
  for (auto& [from, to] : aside) {
    from = ::fcntl(from, F_DUPFD_CLOEXEC, kAside);
    if (from < 0) ::_exit(kFailedToStart);
    last = std::max(last, to);
  }
  const int program = ::fcntl(what.program, F_DUPFD_CLOEXEC, kAside);
  for (const auto& [from, to] : aside) {
    if (::dup2(from, to) < 0) ::_exit(kFailedToStart);
  }
  // What lies between the numbers given and those set aside is ours and must not be inherited.
  ::syscall(SYS_close_range, static_cast<unsigned>(last) + 1, static_cast<unsigned>(kAside) - 1, 0);
  // A signal to the whole process group (Ctrl-C, a time-out) is for the supervisor: it lets the
  // workers finish.
  sigset_t blocked;
  ::sigemptyset(&blocked);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&blocked, number);
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
  static char* const no_environment[] = {nullptr};
  ::syscall(SYS_execveat, program, "", argv, no_environment, AT_EMPTY_PATH);
  ::_exit(kFailedToStart);
}

}  // namespace

std::expected<pid_t, int> launch(const Launch& what) {
  std::vector<std::string> arguments = what.arguments;
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return std::unexpected(errno);
  if (pid == 0) become(what, argv.data());
  return pid;
}

}  // namespace dotkeep::supervisor
