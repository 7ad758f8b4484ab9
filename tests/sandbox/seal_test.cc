// What a sealed process has left. Each test seals a child and looks at how it ends.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>

#include "sandbox/sandbox.h"
#include "tests/sandbox/child.h"

namespace dotkeep::sandbox {
namespace {

using test::exited;
using test::in_child;

// Everything but uname(2), so that the other layers can be looked at by themselves.
constexpr sock_filter kAllButUname[] = {
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_uname},
    {BPF_RET | BPF_K, 0, 0, 0x80000000},
    {BPF_RET | BPF_K, 0, 0, 0x7fff0000},
};
constexpr Rlimit kLimits[] = {{RLIMIT_CORE, 0}, {RLIMIT_NPROC, 0}};

Policy open_policy() {
  Policy policy;
  policy.room = "test";
  policy.filter = kAllButUname;
  policy.rlimits = kLimits;
  return policy;
}

// Seals with `policy`; the layers, or the child is to end with 99.
std::optional<Layers> sealed(const Policy& policy, const Grants& grants = {}) {
  const auto given = keep_only({});
  if (!given) return std::nullopt;
  const auto seal_made = seal(policy, *given, grants);
  if (!seal_made) return std::nullopt;
  return seal_made->layers();
}

int error_of(long result) {
  return result >= 0 ? 0 : errno;
}

int open_error(const char* path, int flags = O_RDONLY) {
  return error_of(::open(path, flags | O_CLOEXEC));
}

TEST(KeepOnly, ClosesAllButWhatItWasGiven) {
  const auto end = in_child([] {
    for (int fd = 3; fd < 40; ++fd) ::dup2(2, fd);
    const int kept[] = {30, 7, 2, 8};
    const auto given = keep_only(kept);
    if (!given || !given->complete()) return 99;
    for (int fd = 0; fd < 40; ++fd) {
      const bool is_open = ::fcntl(fd, F_GETFD) >= 0;
      if (is_open != (fd <= 2 || fd == 7 || fd == 8 || fd == 30)) return 100 + fd;
    }
    return 0;
  });
  EXPECT_EQ(end, exited(0));
}

TEST(KeepOnly, HasABound) {
  const std::vector<int> many(kMaxGiven + 1, 3);
  const auto given = keep_only(many);
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().layer, "descriptors");
}

TEST(Seal, KeepsWhatWasOpenedAfterKeepOnly) {
  const auto end = in_child([] {
    const auto given = keep_only({});
    const int own = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (!given || own < 0 || !seal(open_policy(), *given)) return 99;
    return error_of(::fcntl(own, F_GETFD));
  });
  EXPECT_EQ(end, exited(0));
}

TEST(Seal, AppliesTheFilterLast) {
  EXPECT_EQ(in_child([] {
              if (!sealed(open_policy())) return 99;
              char name[400];
              return static_cast<int>(::syscall(SYS_uname, name));
            }),
            test::kKilledByFilter);
}

TEST(Seal, ReportsTheLayers) {
  EXPECT_EQ(in_child([] {
              Policy policy = open_policy();
              policy.landlock_files = policy.landlock_network = policy.landlock_scopes = true;
              policy.no_memory = true;
              const auto layers = sealed(policy);
              if (!layers) return 99;
              const bool all = layers->no_new_privs && layers->seccomp && layers->not_dumpable &&
                               layers->descriptors && layers->no_memory;
              const int abi = layers->landlock_abi;
              const bool landlock = layers->landlock_files == (abi >= 1) &&
                                    layers->landlock_network == (abi >= 4) &&
                                    layers->landlock_scopes == (abi >= 6);
              return all && landlock ? 0 : 1;
            }),
            exited(0));
}

TEST(Seal, LeavesOutWhatThePolicyDoesNotAskFor) {
  EXPECT_EQ(in_child([] {
              const auto layers = sealed(open_policy());
              if (!layers) return 99;
              const bool none =
                  !layers->landlock_files && !layers->landlock_network && !layers->landlock_scopes;
              return none && !layers->no_memory ? open_error("/etc/passwd") : 1;
            }),
            exited(0));
}

TEST(Seal, SetsLimitsAndHidesTheProcess) {
  EXPECT_EQ(in_child([] {
              if (!sealed(open_policy())) return 99;
              rlimit limit{};
              ::getrlimit(RLIMIT_NPROC, &limit);
              if (limit.rlim_cur != 0 || limit.rlim_max != 0) return 1;
              if (::prctl(PR_GET_DUMPABLE) != 0) return 2;
              return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 3;
            }),
            exited(0));
}

TEST(Seal, WithoutAFilterIsAnError) {
  EXPECT_EQ(in_child([] {
              Policy policy = open_policy();
              policy.filter = {};
              const auto given = keep_only({});
              const auto failed = seal(policy, *given);
              return !failed && failed.error().layer == "seccomp" ? 0 : 1;
            }),
            exited(0));
}

// --- Landlock; skipped where the kernel has none

Policy no_files() {
  Policy policy = open_policy();
  policy.landlock_files = true;
  return policy;
}

#define ASK_LANDLOCK(abi)                                            \
  if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < (abi)) \
  GTEST_SKIP() << "this kernel's Landlock is too old"

TEST(Landlock, OpensNothing) {
  ASK_LANDLOCK(1);
  const auto end = in_child([] {
    const auto layers = sealed(no_files());
    return layers && layers->landlock_files ? open_error("/etc/passwd") : 99;
  });
  EXPECT_EQ(end, exited(EACCES));
}

TEST(Landlock, ReadsBeneathAGrantedFolderOnly) {
  ASK_LANDLOCK(1);
  const auto try_open = [](const char* path, int flags) {
    return in_child([&] {
      const auto given = keep_only({});
      const PathGrant grants[] = {{::open("/etc", O_PATH | O_CLOEXEC), true, false}};
      if (!seal(no_files(), *given, {.paths = grants})) return 99;
      return open_error(path, flags);
    });
  };
  EXPECT_EQ(try_open("/etc/passwd", O_RDONLY), exited(0));
  EXPECT_EQ(try_open("/etc/passwd", O_WRONLY), exited(EACCES));
  EXPECT_EQ(try_open("/proc/version", O_RDONLY), exited(EACCES));
}

TEST(Landlock, ExecutesOnlyWhatWasGranted) {
  ASK_LANDLOCK(1);
  // By a descriptor that was opened before, as the supervisor does: Landlock looks all the same.
  const auto execute = [](bool granted) {
    return in_child([&] {
      const auto given = keep_only({});
      const int program = ::open("/bin/true", O_PATH | O_CLOEXEC);
      const PathGrant grants[] = {{::open("/", O_PATH | O_CLOEXEC), true, granted}};
      if (!seal(no_files(), *given, {.paths = grants})) return 99;
      char name[] = "true";
      char* const argv[] = {name, nullptr};
      char* const envp[] = {nullptr};
      ::syscall(SYS_execveat, program, "", argv, envp, AT_EMPTY_PATH);
      return errno;
    });
  };
  EXPECT_EQ(execute(true), exited(0));
  EXPECT_EQ(execute(false), exited(EACCES));
}

int connect_error(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) return errno;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return error_of(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to));
}

TEST(Landlock, ConnectsToGrantedPortsOnly) {
  ASK_LANDLOCK(4);
  const auto connect = [](std::uint16_t port) {
    return in_child([port] {
      Policy policy = open_policy();
      policy.landlock_network = true;
      const std::uint16_t ports[] = {1};
      return sealed(policy, {.connect_ports = ports}) ? connect_error(port) : 99;
    });
  };
  EXPECT_EQ(connect(1), exited(ECONNREFUSED));
  EXPECT_EQ(connect(2), exited(EACCES));
}

}  // namespace
}  // namespace dotkeep::sandbox
