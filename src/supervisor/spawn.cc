#include "supervisor/spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "supervisor/signals.h"

namespace dotkeep::supervisor {
namespace {

using sandbox::Confinement;

// Above every number that a worker's descriptors may be laid at: 2 x 64 listeners and 65 walls.
constexpr int kAside = 256;
constexpr int kFailedToStart = 127;  // as a shell says it

// All but the network's and the time's.
constexpr unsigned long kNamespaces =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

// fork(2), into namespaces. The C library has no call for it; with one thread there is nothing of
// its own that the child would have to be told.
pid_t fork_into_namespaces(bool empty_network) {
  const unsigned long network = empty_network ? CLONE_NEWNET : 0;
  return static_cast<pid_t>(
      ::syscall(SYS_clone, kNamespaces | network | SIGCHLD, nullptr, nullptr, nullptr, 0UL));
}

// In the child, whose user namespace gives it every capability there. Exec takes them away, for its
// user is not root there; but the bounding set would stay.
Confinement confine(const Launch& what, int root) {
  Confinement confinement = what.confinement.value_or(Confinement{});
  if (!confinement.namespaces) return {};
  confinement.empty_root =
      confinement.empty_root && root >= 0 && ::fchdir(root) == 0 && ::chroot(".") == 0;
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_DROP, capability, 0UL, 0UL, 0UL) == 0;) {
    ++capability;
  }
  return confinement;
}

// In the child, between fork and exec. The process has one thread, so that memory may be had.
[[noreturn]] void become(const Launch& what) {
  const int root = what.root_fd < 0 ? -1 : ::fcntl(what.root_fd, F_DUPFD_CLOEXEC, kAside);
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
  block_signals_of_worker();
  std::vector<std::string> arguments = what.arguments;
  if (what.confinement) arguments.push_back(confine(what, root).to_word());
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  static char* const no_environment[] = {nullptr};
  ::syscall(SYS_execveat, program, "", argv.data(), no_environment, AT_EMPTY_PATH);
  ::_exit(kFailedToStart);
}

}  // namespace

std::expected<pid_t, int> launch(const Launch& what) {
  const bool namespaces = what.confinement && what.confinement->namespaces;
  const pid_t pid = namespaces ? fork_into_namespaces(what.confinement->empty_network) : ::fork();
  if (pid < 0) return std::unexpected(errno);
  if (pid == 0) become(what);
  return pid;
}

}  // namespace dotkeep::supervisor
