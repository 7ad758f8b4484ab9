// Other processes: making, becoming, watching and disturbing them.
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "escape/attempt.h"

namespace dotkeep::escape {
namespace {

// In the new process, where there is one: gone at once.
bool made(long pid) {
  if (pid == 0) ::_exit(0);
  return pid > 0;
}

long pidfd(const World& world) {
  return ::syscall(SYS_pidfd_open, world.sibling, 0);
}

constexpr Attempt kAttempts[] = {
    {"execve",
     [](const World&) {
       std::array<char*, 2> words = {const_cast<char*>("/bin/true"), nullptr};
       return got(::execve(words[0], words.data(), words.data() + 1));
     }},
    {"execveat: its own program",
     [](const World&) {
       std::array<char*, 2> words = {const_cast<char*>("true"), nullptr};
       return got(::syscall(SYS_execveat, -100, "/bin/true", words.data(), words.data() + 1, 0));
     }},
    {"clone: fork", [](const World&) { return made(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }},
#ifdef __x86_64__
    {"fork, the old call", [](const World&) { return made(::syscall(SYS_fork)); }},
    {"vfork", [](const World&) { return made(::syscall(SYS_vfork)); }},
#endif
    {"clone3",
     [](const World&) {
       struct {
         std::uint64_t flags, pidfd, child, parent, signal, rest[3];
       } how{0, 0, 0, 0, SIGCHLD, {}};
       return made(::syscall(SYS_clone3, &how, sizeof how));
     }},
    {"clone: a thread",
     [](const World&) {
       alignas(16) static std::array<char, 16384> stack{};
       return got(::clone([](void*) { return 0; }, stack.data() + stack.size(),
                          CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
                          nullptr));
     }},
    {"clone: a user namespace",
     [](const World&) { return made(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }},
    {"kill: whether a sibling lives", [](const World& w) { return got(::kill(w.sibling, 0)); }},
    {"kill: stop a sibling", [](const World& w) { return got(::kill(w.sibling, SIGCONT)); }},
    {"tkill", [](const World& w) { return got(::syscall(SYS_tkill, w.sibling, SIGCONT)); }},
    {"tgkill",
     [](const World& w) { return got(::syscall(SYS_tgkill, w.sibling, w.sibling, SIGCONT)); }},
    {"rt_sigqueueinfo",
     [](const World& w) {
       siginfo_t info{};
       info.si_code = SI_QUEUE;
       return got(::syscall(SYS_rt_sigqueueinfo, w.sibling, SIGCONT, &info));
     }},
    {"pidfd_open", [](const World& w) { return got(pidfd(w)); }},
    {"pidfd_send_signal",
     [](const World& w) {
       return got(::syscall(SYS_pidfd_send_signal, pidfd(w), SIGCONT, nullptr, 0));
     }},
    {"pidfd_getfd: take a sibling's descriptor",
     [](const World& w) { return got(::syscall(SYS_pidfd_getfd, pidfd(w), 2, 0)); }},
    {"ptrace: attach",
     [](const World& w) { return got(::ptrace(PTRACE_SEIZE, w.sibling, nullptr, nullptr)); }},
    {"ptrace: be traced",
     [](const World&) { return got(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }},
    {"process_vm_readv",
     [](const World& w) {
       std::array<char, 8> here{};
       static char there[8] = "there";
       iovec local{here.data(), 8};
       iovec remote{there, 8};
       return got(::process_vm_readv(w.sibling, &local, 1, &remote, 1, 0)) ||
              got(::process_vm_readv(::getpid(), &local, 1, &remote, 1, 0));
     }},
    {"process_vm_writev",
     [](const World&) {
       static char here[8] = "here";
       iovec vector{here, 8};
       return got(::process_vm_writev(::getpid(), &vector, 1, &vector, 1, 0));
     }},
    {"process_madvise",
     [](const World& w) {
       return got(::syscall(SYS_process_madvise, pidfd(w), nullptr, 0, 20, 0));
     }},
    {"kcmp",
     [](const World& w) { return got(::syscall(SYS_kcmp, ::getpid(), w.sibling, 1, 0, 0)); }},
    {"prlimit: a sibling's limits",
     [](const World& w) {
       rlimit limit{};
       return got(::prlimit(w.sibling, RLIMIT_NOFILE, nullptr, &limit));
     }},
    {"setrlimit: its own",
     [](const World&) {
       const rlimit limit{0, 0};
       return got(::setrlimit(RLIMIT_CORE, &limit));
     }},
    {"prlimit: back up again",
     [](const World&) {
       const rlimit limit{1, 1};
       return got(::prlimit(0, RLIMIT_NPROC, &limit, nullptr));
     }},
    {"setpriority", [](const World&) { return got(::setpriority(PRIO_PROCESS, 0, 19)); }},
    {"sched_setaffinity",
     [](const World& w) {
       cpu_set_t all;
       CPU_ZERO(&all);
       CPU_SET(0, &all);
       return got(::sched_setaffinity(w.sibling, sizeof all, &all));
     }},
    {"sched_setscheduler",
     [](const World& w) {
       const sched_param none{};
       return got(::sched_setscheduler(w.sibling, SCHED_BATCH, &none));
     }},
    {"waitid",
     [](const World&) {
       siginfo_t info{};
       return got(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG)) || errno == ECHILD;
     }},
    {"setpgid", [](const World&) { return got(::setpgid(0, 0)); }},
    {"setsid", [](const World&) { return got(::setsid()); }},
    {"sigaction: catch what would kill it",
     [](const World&) {
       struct sigaction action{};
       return got(::sigaction(SIGTERM, &action, nullptr));
     }},
    {"sigprocmask: block SIGTERM",
     [](const World&) {
       sigset_t set;
       ::sigemptyset(&set);
       return got(::sigprocmask(SIG_BLOCK, &set, nullptr));
     }},
    {"getpid", [](const World&) { return got(::syscall(SYS_getpid)); }},
    {"getppid", [](const World&) { return got(::syscall(SYS_getppid)); }},
    {"getuid", [](const World&) { return got(::syscall(SYS_getuid)); }},
};

}  // namespace

std::span<const Attempt> process_attempts() {
  return kAttempts;
}

}  // namespace dotkeep::escape
