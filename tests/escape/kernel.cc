// The kernel's other doors, and the seal itself.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "escape/attempt.h"

namespace dotkeep::escape {
namespace {

constexpr int kX32 = 0x40000000;

// A call that says EPERM, EINVAL or EFAULT has been made all the same: the door is there.
bool is_there(long result) {
  return result >= 0 || (errno != ENOSYS && errno != ENOMEM);
}

#ifdef __x86_64__
long call_32_bit(long number) {
  long result = number;
  asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
  return result;
}
#endif

// A door that is looked for by number alone, with arguments that mean nothing to it: the headers of
// Debian 12 have no names for calls from Linux 6.1 on, and these numbers are every architecture's.
template <long kNumber>
bool is_door(const World& /*unused*/) {
  return is_there(::syscall(kNumber, -1L, -1L, -1L, -1L, -1L, -1L));
}

#ifdef __x86_64__
// The page at a fixed address by which programs of old asked for the time, without a system call
// that the processor sees. The kernel makes one of it, and the filter is asked.
long call_by_vsyscall() {
  constexpr std::uintptr_t kTime = 0xffffffffff600400;
  const volatile std::uintptr_t at = kTime;
  return reinterpret_cast<long (*)(long*)>(at)(nullptr);
}
#endif

constexpr Attempt kAttempts[] = {
    {"io_uring_setup",
     [](const World&) {
       std::array<char, 120> parameters{};
       return is_there(::syscall(SYS_io_uring_setup, 1, parameters.data()));
     }},
    {"io_setup",
     [](const World&) {
       unsigned long context = 0;
       return got(::syscall(SYS_io_setup, 1, &context));
     }},
    {"bpf", [](const World&) { return is_there(::syscall(SYS_bpf, 0, nullptr, 0)); }},
    {"perf_event_open",
     [](const World&) { return is_there(::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0)); }},
    {"keyctl", [](const World&) { return is_there(::syscall(SYS_keyctl, 0, -3, 0)); }},
    {"add_key",
     [](const World&) { return is_there(::syscall(SYS_add_key, "user", "x", "y", 1, -1)); }},
    {"request_key",
     [](const World&) { return is_there(::syscall(SYS_request_key, "user", "x", nullptr, 0)); }},
    {"init_module",
     [](const World&) { return is_there(::syscall(SYS_init_module, nullptr, 0, "")); }},
    {"finit_module", [](const World&) { return is_there(::syscall(SYS_finit_module, -1, "", 0)); }},
    {"kexec_load",
     [](const World&) { return is_there(::syscall(SYS_kexec_load, 0, 0, nullptr, ~0UL)); }},
    {"reboot",
     [](const World&) {
       return is_there(::syscall(SYS_reboot, 0, 0, 0, nullptr));
     }},  // wrong magic
    {"swapon", [](const World&) { return is_there(::syscall(SYS_swapon, "/nowhere", 0)); }},
    {"mount",
     [](const World&) { return is_there(::mount("none", "/nowhere", "tmpfs", 0, nullptr)); }},
    {"umount2", [](const World&) { return is_there(::umount2("/nowhere", 0)); }},
    {"fsopen", [](const World&) { return is_there(::syscall(SYS_fsopen, "tmpfs", 0)); }},
    {"open_tree", [](const World&) { return is_there(::syscall(SYS_open_tree, -100, "/", 0)); }},
    {"move_mount",
     [](const World&) { return is_there(::syscall(SYS_move_mount, -1, "", -1, "", 0)); }},
    {"pivot_root",
     [](const World&) { return is_there(::syscall(SYS_pivot_root, "/nowhere", "/nowhere")); }},
    {"chroot", [](const World&) { return is_there(::chroot("/nowhere")); }},
    {"unshare: user", [](const World&) { return is_there(::unshare(CLONE_NEWUSER)); }},
    {"unshare: network", [](const World&) { return is_there(::unshare(CLONE_NEWNET)); }},
    {"unshare: mounts", [](const World&) { return is_there(::unshare(CLONE_NEWNS)); }},
    {"setns", [](const World&) { return is_there(::setns(-1, 0)); }},
    {"setuid", [](const World&) { return is_there(::syscall(SYS_setuid, 0)); }},
    {"setresuid: to who it is",
     [](const World&) { return got(::syscall(SYS_setresuid, -1, -1, -1)); }},
    {"setgid", [](const World&) { return is_there(::syscall(SYS_setgid, 0)); }},
    {"setgroups", [](const World&) { return is_there(::syscall(SYS_setgroups, 0, nullptr)); }},
    {"capset", [](const World&) { return is_there(::syscall(SYS_capset, nullptr, nullptr)); }},
    {"prctl: dumpable", [](const World&) { return got(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }},
    {"prctl: be traced by anyone",
     [](const World&) { return is_there(::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0)); }},
    {"prctl: another name",
     [](const World&) { return got(::prctl(PR_SET_NAME, "init", 0, 0, 0)); }},
    {"seccomp: one more filter",
     [](const World&) {
       sock_filter pass{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
       sock_fprog program{1, &pass};
       return is_there(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
     }},
    {"seccomp: ask",
     [](const World&) {
       unsigned action = SECCOMP_RET_ALLOW;
       return got(::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
     }},
    {"landlock_create_ruleset",
     [](const World&) { return is_there(::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1)); }},
    {"personality", [](const World&) { return got(::personality(0xffffffff)); }},
#ifdef __x86_64__
    {"arch_prctl",
     [](const World&) {
       unsigned long base = 0;
       return got(::syscall(SYS_arch_prctl, 0x1003, &base));
     }},
    {"modify_ldt", [](const World&) { return is_there(::syscall(SYS_modify_ldt, 0, nullptr, 0)); }},
    {"iopl", [](const World&) { return is_there(::syscall(SYS_iopl, 3)); }},
    {"ioperm", [](const World&) { return is_there(::syscall(SYS_ioperm, 0, 1, 1)); }},
    {"a 32-bit call: getpid", [](const World&) { return call_32_bit(20) > 0; }},
    {"a 32-bit call: write, which is allowed to 64 bits",
     [](const World&) { return call_32_bit(4) >= 0; }},
    {"an x32 call: getpid", [](const World&) { return is_there(::syscall(kX32 | SYS_getpid)); }},
    {"an x32 call: close, which is allowed",
     [](const World&) { return is_there(::syscall(kX32 | SYS_close, 0)); }},
#endif
#ifdef __x86_64__
    {"a vsyscall: the time", [](const World&) { return call_by_vsyscall() > 0; }},
#endif
    {"io_uring_enter: a ring that somebody left", is_door<SYS_io_uring_enter>},
    {"io_uring_register: without a ring", is_door<SYS_io_uring_register>},
    {"rseq", is_door<SYS_rseq>},
    {"set_robust_list", is_door<SYS_set_robust_list>},
    {"get_robust_list", is_door<SYS_get_robust_list>},
    {"set_tid_address: a word that the kernel clears", is_door<SYS_set_tid_address>},
    {"setitimer", is_door<SYS_setitimer>},
    {"getcpu", is_door<SYS_getcpu>},
    {"ioprio_set", is_door<SYS_ioprio_set>},
    {"epoll_pwait2", is_door<441>},
    {"mount_setattr", is_door<442>},
    {"quotactl_fd", is_door<443>},
    {"process_mrelease", is_door<448>},
    {"futex_waitv", is_door<449>},
    {"cachestat", is_door<451>},
    {"fchmodat2", is_door<452>},
    {"map_shadow_stack", is_door<453>},
    {"futex_wake", is_door<454>},
    {"statmount", is_door<457>},
    {"listmount", is_door<458>},
    {"lsm_get_self_attr", is_door<459>},
    {"lsm_set_self_attr", is_door<460>},
    {"mseal", is_door<462>},
    {"setxattrat", is_door<463>},
    {"open_tree_attr", is_door<467>},
    {"file_getattr", is_door<468>},
    {"file_setattr", is_door<469>},
    {"listns", is_door<470>},
    {"rseq_slice_yield", is_door<471>},
    {"a call that no kernel has", [](const World&) { return is_there(::syscall(100000)); }},
    {"clock_settime",
     [](const World&) {
       const timespec wrong{-1, -1};
       return is_there(::syscall(SYS_clock_settime, CLOCK_REALTIME, &wrong));
     }},
    {"adjtimex", [](const World&) { return is_there(::syscall(SYS_adjtimex, nullptr)); }},
    {"sethostname", [](const World&) { return is_there(::syscall(SYS_sethostname, "", ~0UL)); }},
    {"uname",
     [](const World&) {
       utsname name{};
       return got(::uname(&name));
     }},
    {"sysinfo",
     [](const World&) {
       struct sysinfo info{};
       return got(::sysinfo(&info));
     }},
    {"syslog: the kernel's log",
     [](const World&) { return is_there(::syscall(SYS_syslog, 10, nullptr, 0)); }},
    {"acct", [](const World&) { return is_there(::syscall(SYS_acct, "/nowhere")); }},
    {"quotactl",
     [](const World&) { return is_there(::syscall(SYS_quotactl, 0, nullptr, 0, nullptr)); }},
    {"msgget", [](const World&) { return got(::syscall(SYS_msgget, 0, 0600)); }},
    {"semget", [](const World&) { return got(::syscall(SYS_semget, 0, 1, 0600)); }},
    {"mq_open", [](const World&) { return is_there(::syscall(SYS_mq_open, "x", 0, 0, nullptr)); }},
    {"epoll_create1", [](const World&) { return got(::epoll_create1(0)); }},
    {"eventfd", [](const World&) { return got(::eventfd(0, 0)); }},
    {"timerfd_create", [](const World&) { return got(::timerfd_create(CLOCK_MONOTONIC, 0)); }},
    {"timer_create",
     [](const World&) {
       int timer = 0;
       return got(::syscall(SYS_timer_create, CLOCK_MONOTONIC, nullptr, &timer));
     }},
    {"signalfd",
     [](const World&) {
       sigset_t set;
       ::sigemptyset(&set);
       return got(::signalfd(-1, &set, 0));
     }},
    {"nanosleep",
     [](const World&) {
       const timespec none{0, 0};
       return got(::clock_nanosleep(CLOCK_MONOTONIC, 0, &none, nullptr));
     }},
    {"futex",
     [](const World&) {
       int word = 1;
       return is_there(::syscall(SYS_futex, &word, 0, 0, nullptr, nullptr, 0));
     }},
    {"fanotify_init", [](const World&) { return is_there(::syscall(SYS_fanotify_init, 0, 0)); }},
};

}  // namespace

std::span<const Attempt> kernel_attempts() {
  return kAttempts;
}

}  // namespace dotkeep::escape
