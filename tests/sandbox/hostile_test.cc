// A hostile stand-in in each sealed room: whoever takes the process over tries all of this.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>

#include "policy/policies.h"
#include "sandbox/sandbox.h"
#include "tests/sandbox/child.h"

#ifndef DOTKEEP_SANITIZER_OVERLAY  // whose overlay lets some of it through, as it says

namespace dotkeep {
namespace {

using test::exited;
using test::kKilledByFilter;

// What the attempt does after the seal; its errno, or 0, or never back.
test::End attempt(const sandbox::Policy& policy, const std::function<long()>& what) {
  return test::in_child([&] {
    const auto given = sandbox::keep_only({});
    if (!given || !sandbox::seal(policy, *given)) return 99;
    return what() >= 0 ? 0 : errno;
  });
}

struct Room {
  const sandbox::Policy* policy;
  bool connects;
};

class Worker : public testing::TestWithParam<Room> {
 protected:
  test::End attempt(const std::function<long()>& what) const {
    return dotkeep::attempt(*GetParam().policy, what);
  }
};

TEST_P(Worker, LivesAfterTheSeal) {
  EXPECT_EQ(attempt([] { return 0; }), exited(0));
}

TEST_P(Worker, OpensNothing) {
  EXPECT_EQ(attempt([] { return ::open("/etc/passwd", O_RDONLY); }), kKilledByFilter);
}

TEST_P(Worker, ExecutesNothing) {
  EXPECT_EQ(attempt([] {
              char* const none[] = {nullptr};
              return ::execve("/bin/true", none, none);
            }),
            kKilledByFilter);
}

TEST_P(Worker, MakesNoProcess) {
  EXPECT_EQ(attempt([] { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }), kKilledByFilter);
  EXPECT_EQ(attempt([] { return ::syscall(SYS_clone3, nullptr, 0); }), kKilledByFilter);
}

TEST_P(Worker, TracesAndSignalsNobody) {
  EXPECT_EQ(attempt([] { return ::ptrace(PTRACE_ATTACH, ::getppid(), 0, 0); }), kKilledByFilter);
  EXPECT_EQ(attempt([] { return ::kill(1, 0); }), kKilledByFilter);
  EXPECT_EQ(attempt([] { return ::syscall(SYS_process_vm_readv, 1, 0, 0, 0, 0, 0); }),
            kKilledByFilter);
}

TEST_P(Worker, GetsNoMemory) {
  const auto map = [](int protection) {
    return ::syscall(SYS_mmap, 0, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  };
  EXPECT_EQ(attempt([&] { return map(PROT_READ); }), exited(ENOMEM));
  EXPECT_EQ(attempt([&] { return map(PROT_READ | PROT_WRITE | PROT_EXEC); }), exited(ENOMEM));
  static char page[8192];
  EXPECT_EQ(attempt([] { return ::mprotect(page, 4096, PROT_READ | PROT_EXEC); }), exited(ENOMEM));
  EXPECT_EQ(attempt([] { return ::syscall(SYS_brk, 0); }), exited(0));  // brk's way to say no
  EXPECT_EQ(attempt([] { return ::syscall(SYS_pkey_mprotect, page, 4096, 7, -1); }),
            kKilledByFilter);
}

TEST_P(Worker, MakesNoForeignSocket) {
  const auto make = [this](int domain, int type, int protocol) {
    return attempt([=] { return ::socket(domain, type, protocol); });
  };
  constexpr int kMptcp = 262;
  EXPECT_EQ(make(AF_INET, SOCK_DGRAM, 0), kKilledByFilter);
  EXPECT_EQ(make(AF_UNIX, SOCK_STREAM, 0), kKilledByFilter);
  EXPECT_EQ(make(AF_NETLINK, SOCK_RAW, 0), kKilledByFilter);
  EXPECT_EQ(make(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, kMptcp), kKilledByFilter);
  EXPECT_EQ(make(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP),
            GetParam().connects ? exited(0) : kKilledByFilter);
}

TEST_P(Worker, AimsNoSocket) {
  const auto connect = [](int fd) {
    const sockaddr none{};  // AF_UNSPEC: what dissolves a connection
    return ::connect(fd, &none, sizeof none);
  };
  if (!GetParam().connects) {
    EXPECT_EQ(attempt([&] { return connect(0); }), kKilledByFilter);
  }
  EXPECT_EQ(attempt([] { return ::bind(0, nullptr, 0); }), kKilledByFilter);
  EXPECT_EQ(attempt([] { return ::listen(0, 1); }), kKilledByFilter);
}

TEST_P(Worker, SendsWithNoSignalAndNothingElse) {
  const auto send = [](long call, int flags) {
    return ::syscall(call, -1, nullptr, 0, flags, nullptr, 0);
  };
  const auto message = [](int flags) { return ::syscall(SYS_sendmsg, -1, nullptr, flags); };
  EXPECT_EQ(attempt([&] { return send(SYS_sendto, MSG_FASTOPEN | MSG_NOSIGNAL); }),
            kKilledByFilter);
  EXPECT_EQ(attempt([&] { return send(SYS_sendto, 0); }), kKilledByFilter);
  EXPECT_EQ(attempt([&] { return message(MSG_FASTOPEN | MSG_NOSIGNAL); }), kKilledByFilter);
  EXPECT_EQ(attempt([&] { return send(SYS_sendmmsg, MSG_FASTOPEN | MSG_NOSIGNAL); }),
            kKilledByFilter);
}

TEST_P(Worker, WritesNoFile) {
  EXPECT_EQ(attempt([] { return ::write(3, "x", 1); }), kKilledByFilter);
  EXPECT_EQ(attempt([] { return ::write(2, "", 0); }), exited(0));
  EXPECT_EQ(attempt([] { return ::ftruncate(2, 0); }), kKilledByFilter);
}

TEST_P(Worker, EscapesToNoOtherInterface) {
  for (const long call : {SYS_io_uring_setup, SYS_bpf, SYS_userfaultfd, SYS_unshare, SYS_setns,
                          SYS_mount, SYS_prctl, SYS_seccomp, SYS_keyctl, SYS_memfd_create,
                          SYS_pidfd_getfd, SYS_perf_event_open, SYS_init_module, SYS_chroot}) {
    EXPECT_EQ(attempt([call] { return ::syscall(call, 0, 0, 0, 0, 0, 0); }), kKilledByFilter)
        << call;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rooms, Worker,
    testing::Values(Room{&policy::kFrontend, false}, Room{&policy::kUpstream, false},
                    Room{&policy::kConnector, true}, Room{&policy::kControl, false},
                    Room{&policy::kProbe, false}, Room{&policy::kHealth, false}),
    [](const auto& room) { return std::string(room.param.policy->room); });

TEST(Supervisor, HasNoCallThatNoChildNeeds) {
  for (const long call : {SYS_execve, SYS_bind, SYS_listen, SYS_ptrace, SYS_unshare, SYS_mount,
                          SYS_bpf, SYS_io_uring_setup, SYS_setuid, SYS_unlinkat}) {
    EXPECT_EQ(attempt(policy::kSupervisor, [call] { return ::syscall(call, 0, 0, 0, 0, 0, 0); }),
              kKilledByFilter)
        << call;
  }
}

TEST(Supervisor, ChildrenCanSealThemselvesUnderIt) {
  for (const sandbox::Policy* child :
       {&policy::kFrontend, &policy::kUpstream, &policy::kConnector, &policy::kControl}) {
    const auto end = attempt(policy::kSupervisor, [child]() -> long {
      const auto given = sandbox::keep_only({});
      if (!sandbox::reserve_memory(1 << 20)) ::_exit(sandbox::kExitOutOfMemory);
      const auto sealed = sandbox::seal(*child, *given);
      if (!sealed) ::_exit(98);
      return 0;
    });
    EXPECT_EQ(end, exited(0)) << child->room;
  }
}

}  // namespace
}  // namespace dotkeep

#endif
