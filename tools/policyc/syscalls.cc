#include "policyc/syscalls.h"

#include <algorithm>

namespace dotkeep::policyc {
namespace {

constexpr Argument i(std::string_view name) {
  return {name, Width::bits32};
}
constexpr Argument l(std::string_view name) {
  return {name, Width::bits64};
}
constexpr Argument p(std::string_view name) {
  return {name, Width::pointer};
}

// In the order of the alphabet. Argument names are the manual's, but a descriptor is always `fd`.
// Order and widths are those of x86-64 and AArch64; `clone` is given only as far as both agree.
constexpr auto kSyscalls = std::to_array<Syscall>({
    {"accept4", {i("fd"), p("addr"), p("addrlen"), i("flags")}},
    {"arch_prctl", {i("code"), l("addr")}},
    {"bind", {i("fd"), p("addr"), i("addrlen")}},
    {"brk", {p("addr")}},
    {"capget", {p("header"), p("data")}},
    {"capset", {p("header"), p("data")}},
    {"chdir", {p("path")}},
    {"chroot", {p("path")}},
    {"clock_gettime", {i("clock"), p("time")}},
    {"clock_nanosleep", {i("clock"), i("flags"), p("time"), p("left")}},
    {"clone", {l("flags"), p("stack")}},
    {"clone3", {p("args"), l("size")}},
    {"close", {i("fd")}},
    {"close_range", {i("first"), i("last"), i("flags")}},
    {"connect", {i("fd"), p("addr"), i("addrlen")}},
    {"dup2", {i("fd"), i("newfd")}},
    {"dup3", {i("fd"), i("newfd"), i("flags")}},
    {"epoll_create1", {i("flags")}},
    {"epoll_ctl", {i("fd"), i("op"), i("target"), p("event")}},
    {"epoll_pwait", {i("fd"), p("events"), i("maxevents"), i("timeout"), p("mask"), l("size")}},
    {"epoll_wait", {i("fd"), p("events"), i("maxevents"), i("timeout")}},
    {"eventfd2", {i("count"), i("flags")}},
    {"execve", {p("path"), p("argv"), p("envp")}},
    {"execveat", {i("fd"), p("path"), p("argv"), p("envp"), i("flags")}},
    {"exit", {i("status")}},
    {"exit_group", {i("status")}},
    {"fchdir", {i("fd")}},
    {"fcntl", {i("fd"), i("op"), l("arg")}},
    {"fstat", {i("fd"), p("stat")}},
    {"ftruncate", {i("fd"), l("length")}},
    {"futex", {p("word"), i("op"), i("value"), p("time"), p("word2"), i("value3")}},
    {"getdents64", {i("fd"), p("entries"), i("count")}},
    {"getpid", {}},
    {"getppid", {}},
    {"getrandom", {p("buffer"), l("size"), i("flags")}},
    {"getsockname", {i("fd"), p("addr"), p("addrlen")}},
    {"getsockopt", {i("fd"), i("level"), i("option"), p("value"), p("length")}},
    {"gettid", {}},
    {"ioctl", {i("fd"), i("request"), l("arg")}},
    {"kill", {i("pid"), i("signal")}},
    {"landlock_add_rule", {i("ruleset"), i("type"), p("attr"), i("flags")}},
    {"landlock_create_ruleset", {p("attr"), l("size"), i("flags")}},
    {"landlock_restrict_self", {i("ruleset"), i("flags")}},
    {"listen", {i("fd"), i("backlog")}},
    {"lseek", {i("fd"), l("offset"), i("whence")}},
    {"madvise", {p("addr"), l("length"), i("advice")}},
    {"memfd_create", {p("name"), i("flags")}},
    {"mlockall", {i("flags")}},
    {"mmap", {p("addr"), l("length"), l("prot"), l("flags"), i("fd"), l("offset")}},
    {"mprotect", {p("addr"), l("length"), l("prot")}},
    {"mremap", {p("addr"), l("length"), l("newlength"), l("flags"), p("newaddr")}},
    {"mseal", {p("addr"), l("length"), l("flags")}},
    {"munmap", {p("addr"), l("length")}},
    {"newfstatat", {i("dirfd"), p("path"), p("stat"), i("flags")}},
    {"openat", {i("dirfd"), p("path"), i("flags"), i("mode")}},
    {"pipe2", {p("fds"), i("flags")}},
    {"pidfd_open", {i("pid"), i("flags")}},
    {"poll", {p("fds"), i("count"), i("timeout")}},
    {"ppoll", {p("fds"), i("count"), p("time"), p("mask"), l("size")}},
    {"prctl", {i("option"), l("arg2"), l("arg3"), l("arg4"), l("arg5")}},
    {"pread64", {i("fd"), p("buffer"), l("size"), l("offset")}},
    {"prlimit64", {i("pid"), i("resource"), p("new"), p("old")}},
    {"read", {i("fd"), p("buffer"), l("size")}},
    {"readlink", {p("path"), p("buffer"), i("size")}},
    {"readlinkat", {i("dirfd"), p("path"), p("buffer"), i("size")}},
    {"recvfrom", {i("fd"), p("buffer"), l("size"), i("flags"), p("addr"), p("addrlen")}},
    {"recvmmsg", {i("fd"), p("messages"), i("count"), i("flags"), p("timeout")}},
    {"recvmsg", {i("fd"), p("message"), i("flags")}},
    {"restart_syscall", {}},
    {"rseq", {p("rseq"), i("length"), i("flags"), i("signature")}},
    {"rt_sigaction", {i("signal"), p("new"), p("old"), l("size")}},
    {"rt_sigprocmask", {i("how"), p("new"), p("old"), l("size")}},
    {"rt_sigreturn", {}},
    {"rt_sigtimedwait", {p("set"), p("info"), p("timeout"), l("size")}},
    {"sched_getaffinity", {i("pid"), i("size"), p("mask")}},
    {"sched_yield", {}},
    {"seccomp", {i("operation"), i("flags"), p("args")}},
    {"sendmmsg", {i("fd"), p("messages"), i("count"), i("flags")}},
    {"sendmsg", {i("fd"), p("message"), i("flags")}},
    {"sendto", {i("fd"), p("buffer"), l("size"), i("flags"), p("addr"), i("addrlen")}},
    {"set_robust_list", {p("head"), l("size")}},
    {"set_tid_address", {p("tid")}},
    {"setpgid", {i("pid"), i("pgid")}},
    {"setsid", {}},
    {"setsockopt", {i("fd"), i("level"), i("option"), p("value"), i("length")}},
    {"shutdown", {i("fd"), i("how")}},
    {"sigaltstack", {p("new"), p("old")}},
    {"signalfd4", {i("fd"), p("mask"), l("size"), i("flags")}},
    {"socket", {i("domain"), i("type"), i("protocol")}},
    {"socketpair", {i("domain"), i("type"), i("protocol"), p("fds")}},
    {"statx", {i("dirfd"), p("path"), i("flags"), i("mask"), p("stat")}},
    {"sysinfo", {p("info")}},
    {"tgkill", {i("tgid"), i("tid"), i("signal")}},
    {"timerfd_create", {i("clock"), i("flags")}},
    {"timerfd_settime", {i("fd"), i("flags"), p("new"), p("old")}},
    {"uname", {p("name")}},
    {"vfork", {}},
    {"wait4", {i("pid"), p("status"), i("options"), p("usage")}},
    {"waitid", {i("which"), i("pid"), p("info"), i("options"), p("usage")}},
    {"write", {i("fd"), p("buffer"), l("size")}},
    {"writev", {i("fd"), p("vectors"), i("count")}},
});

}  // namespace

const Syscall* find_syscall(std::string_view name) {
  const auto* found = std::find_if(kSyscalls.begin(), kSyscalls.end(),
                                   [&](const Syscall& s) { return s.name == name; });
  return found == kSyscalls.end() ? nullptr : found;
}

std::optional<unsigned> find_argument(const Syscall& syscall, std::string_view name) {
  for (unsigned at = 0; at < syscall.arguments.size(); ++at) {
    const Argument& argument = syscall.arguments[at];
    if (argument.width != Width::none && argument.name == name) return at;
  }
  return std::nullopt;
}

}  // namespace dotkeep::policyc
