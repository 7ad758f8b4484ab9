#include "policyc/symbols.h"

#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

namespace dotkeep::policyc {
namespace {

struct Symbol {
  std::string_view name;
  std::int64_t value;
};

// Newer than the headers of Debian 12.
constexpr int kPrSetMdwe = 65;
constexpr int kSoPassRights = 83;  // Linux 6.16
constexpr int kPrMdweRefuseExecGain = 1;
constexpr unsigned kMfdNoexecSeal = 8;
constexpr unsigned kMfdExec = 16;
constexpr int kArchSetFs = 0x1002;         // asm/prctl.h, which other architectures lack
constexpr int kArchCetStatus = 0x3001;     // asked by glibc at start
constexpr int kFirstShadowStack = 0x5001;  // ARCH_SHSTK_ENABLE

#define NAME(symbol) {#symbol, static_cast<std::int64_t>(symbol)}
constexpr auto kSymbols = std::to_array<Symbol>({
    // sockets
    NAME(AF_UNIX),
    NAME(AF_INET),
    NAME(AF_INET6),
    NAME(SOCK_STREAM),
    NAME(SOCK_DGRAM),
    NAME(SOCK_SEQPACKET),
    NAME(SOCK_NONBLOCK),
    NAME(SOCK_CLOEXEC),
    NAME(IPPROTO_TCP),
    NAME(IPPROTO_UDP),
    NAME(IPPROTO_IP),
    NAME(IPPROTO_IPV6),
    NAME(SOL_SOCKET),
    NAME(SO_ERROR),
    NAME(SO_REUSEPORT),
    NAME(SO_REUSEADDR),
    NAME(SO_RCVBUF),
    NAME(SO_SNDBUF),
    NAME(SO_KEEPALIVE),
    NAME(SO_TYPE),
    NAME(SO_DOMAIN),
    NAME(SO_PROTOCOL),
    NAME(SO_ACCEPTCONN),
    NAME(TCP_NODELAY),
    NAME(TCP_MAXSEG),
    NAME(TCP_USER_TIMEOUT),
    NAME(TCP_QUICKACK),
    NAME(TCP_INFO),
    NAME(TCP_KEEPIDLE),
    NAME(TCP_KEEPINTVL),
    NAME(TCP_KEEPCNT),
    NAME(TCP_SYNCNT),
    NAME(MSG_NOSIGNAL),
    NAME(MSG_DONTWAIT),
    NAME(MSG_CMSG_CLOEXEC),
    NAME(MSG_PEEK),
    NAME(MSG_TRUNC),
    NAME(MSG_WAITFORONE),
    NAME(MSG_FASTOPEN),
    NAME(SHUT_RD),
    NAME(SHUT_WR),
    NAME(SHUT_RDWR),
    // events and time
    NAME(EPOLL_CTL_ADD),
    NAME(EPOLL_CTL_MOD),
    NAME(EPOLL_CTL_DEL),
    NAME(EPOLL_CLOEXEC),
    NAME(EFD_CLOEXEC),
    NAME(EFD_NONBLOCK),
    NAME(TFD_CLOEXEC),
    NAME(TFD_NONBLOCK),
    NAME(TFD_TIMER_ABSTIME),
    NAME(SFD_CLOEXEC),
    NAME(SFD_NONBLOCK),
    NAME(CLOCK_MONOTONIC),
    NAME(CLOCK_REALTIME),
    NAME(GRND_NONBLOCK),
    NAME(FIONBIO),
    NAME(SIOCOUTQ),
    // files and descriptors
    NAME(AT_FDCWD),
    NAME(AT_EMPTY_PATH),
    NAME(AT_SYMLINK_NOFOLLOW),
    NAME(O_RDONLY),
    NAME(O_CLOEXEC),
    NAME(O_NONBLOCK),
    NAME(O_NOCTTY),
    NAME(F_GETFD),
    NAME(F_SETFD),
    NAME(F_GETFL),
    NAME(F_SETFL),
    NAME(F_DUPFD_CLOEXEC),
    NAME(F_ADD_SEALS),
    NAME(F_GET_SEALS),
    NAME(FD_CLOEXEC),
    NAME(MFD_CLOEXEC),
    NAME(MFD_ALLOW_SEALING),
    {"MFD_NOEXEC_SEAL", kMfdNoexecSeal},
    {"MFD_EXEC", kMfdExec},
    NAME(SEEK_SET),
    NAME(SEEK_CUR),
    NAME(SEEK_END),
    // memory
    NAME(PROT_NONE),
    NAME(PROT_READ),
    NAME(PROT_WRITE),
    NAME(PROT_EXEC),
    NAME(MAP_PRIVATE),
    NAME(MAP_SHARED),
    NAME(MAP_ANONYMOUS),
    NAME(MAP_FIXED),
    NAME(MAP_NORESERVE),
    NAME(MAP_STACK),
    NAME(MAP_POPULATE),
    NAME(MADV_DONTNEED),
    NAME(MADV_DONTDUMP),
    NAME(MADV_WIPEONFORK),
    // processes
    NAME(CLONE_VM),
    NAME(CLONE_VFORK),
    NAME(CLONE_PIDFD),
    NAME(CLONE_NEWUSER),
    NAME(CLONE_NEWNS),
    NAME(CLONE_NEWPID),
    NAME(CLONE_NEWNET),
    NAME(CLONE_NEWIPC),
    NAME(CLONE_NEWUTS),
    NAME(CLONE_NEWCGROUP),
    NAME(CLONE_CHILD_SETTID),
    NAME(CLONE_CHILD_CLEARTID),
    NAME(SIGCHLD),
    NAME(SIGTERM),
    NAME(SIGKILL),
    NAME(SIGPIPE),
    NAME(SIGABRT),
    NAME(SIGXFSZ),
    NAME(SIGHUP),
    NAME(SIGINT),
    NAME(SIG_BLOCK),
    NAME(SIG_UNBLOCK),
    NAME(SIG_SETMASK),
    NAME(WNOHANG),
    NAME(WEXITED),
    NAME(P_PID),
    NAME(P_PIDFD),
    NAME(P_ALL),
    NAME(RLIMIT_STACK),
    NAME(RLIMIT_NOFILE),
    NAME(RLIMIT_NPROC),
    NAME(RLIMIT_FSIZE),
    NAME(RLIMIT_CORE),
    NAME(RLIMIT_MEMLOCK),
    // what seals
    NAME(PR_SET_DUMPABLE),
    NAME(PR_GET_DUMPABLE),
    NAME(PR_SET_NO_NEW_PRIVS),
    NAME(PR_GET_NO_NEW_PRIVS),
    NAME(PR_SET_SECCOMP),
    NAME(PR_CAPBSET_READ),
    NAME(PR_CAPBSET_DROP),
    NAME(PR_SET_SPECULATION_CTRL),
    NAME(MCL_CURRENT),
    NAME(MCL_FUTURE),
    NAME(MCL_ONFAULT),
    NAME(PR_CAP_AMBIENT),
    NAME(PR_SET_PDEATHSIG),
    NAME(PR_SET_NAME),
    NAME(PR_SET_VMA),
    NAME(PR_CAP_AMBIENT_IS_SET),
    NAME(PR_GET_SECUREBITS),
    {"PR_SET_MDWE", kPrSetMdwe},
    {"SO_PASSRIGHTS", kSoPassRights},
    {"PR_MDWE_REFUSE_EXEC_GAIN", kPrMdweRefuseExecGain},
    NAME(SECCOMP_SET_MODE_FILTER),
    NAME(SECCOMP_MODE_FILTER),
    {"ARCH_SET_FS", kArchSetFs},
    {"ARCH_CET_STATUS", kArchCetStatus},
    {"ARCH_SHSTK_ENABLE", kFirstShadowStack},
});

constexpr auto kErrors = std::to_array<Symbol>({
    NAME(EPERM),
    NAME(ENOENT),
    NAME(EACCES),
    NAME(EAGAIN),
    NAME(ENOMEM),
    NAME(EINVAL),
    NAME(ENOSYS),
    NAME(EMFILE),
    NAME(ENOTTY),
    NAME(EOPNOTSUPP),
});

constexpr auto kResources = std::to_array<Symbol>({
    {"AS", RLIMIT_AS},
    {"CORE", RLIMIT_CORE},
    {"DATA", RLIMIT_DATA},
    {"FSIZE", RLIMIT_FSIZE},
    {"MEMLOCK", RLIMIT_MEMLOCK},
    {"MSGQUEUE", RLIMIT_MSGQUEUE},
    {"NOFILE", RLIMIT_NOFILE},
    {"NPROC", RLIMIT_NPROC},
    {"STACK", RLIMIT_STACK},
});
#undef NAME

template <std::size_t size>
std::optional<std::int64_t> find(const std::array<Symbol, size>& symbols, std::string_view name) {
  const auto found = std::find_if(symbols.begin(), symbols.end(),
                                  [&](const Symbol& symbol) { return symbol.name == name; });
  if (found == symbols.end()) return std::nullopt;
  return found->value;
}

}  // namespace

std::optional<std::uint64_t> find_symbol(std::string_view name) {
  const auto value = find(kSymbols, name);
  if (!value) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

std::optional<std::uint64_t> find_error(std::string_view name) {
  const auto value = find(kErrors, name);
  if (!value) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

std::optional<int> find_resource(std::string_view name) {
  const auto value = find(kResources, name);
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

}  // namespace dotkeep::policyc
