// What libseccomp makes of a policy is what the policy says.
#include "policyc/filter.h"

#include <gmock/gmock.h>
#include <seccomp.h>

#include "policyc/bpf.h"
#include "policyc/parse.h"
#include "policyc/syscalls.h"

namespace dotkeep::policyc {
namespace {

Document document(const std::string& lines) {
  return parse("room r : why\nrun:\n" + lines).value();
}

struct Compiled {
  Target target;
  std::vector<sock_filter> program;

  [[nodiscard]] std::uint32_t action(int number, std::array<std::uint64_t, 6> arguments = {},
                                     std::uint32_t architecture = SCMP_ARCH_X86_64) const {
    seccomp_data call{};
    call.nr = number;
    call.arch = architecture;
    std::ranges::copy(arguments, call.args);
    const auto outcome = run_filter(program, call);
    return outcome ? outcome->action : 0xdead;
  }
};

Compiled compiled(const std::string& lines) {
  Target target = resolve(document(lines), "x86_64").value();
  auto program = compile(target).value();
  return {std::move(target), std::move(program)};
}

constexpr int kRead = 0;
constexpr int kWrite = 1;
constexpr int kMmap = 9;
constexpr int kBrk = 12;

TEST(Filter, LetsThroughWhatIsAllowedAndKillsTheRest) {
  const Compiled filter =
      compiled(" allow write where fd == 2 : log\n answer mmap ENOMEM : no\n answer brk 0 : no\n");
  EXPECT_EQ(filter.action(kWrite, {2}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(filter.action(kWrite, {UINT64_C(0xdeadbeef00000002)}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(filter.action(kWrite, {1}), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(filter.action(kRead, {2}), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(filter.action(kMmap), SECCOMP_RET_ERRNO | 12U);
  EXPECT_EQ(filter.action(kBrk), static_cast<std::uint32_t>(SECCOMP_RET_ERRNO));
}

TEST(Filter, KillsOtherArchitecturesAndX32) {
  const Compiled filter = compiled(" allow read : all of it\n");
  EXPECT_EQ(filter.action(kRead), SECCOMP_RET_ALLOW);
  EXPECT_EQ(filter.action(kRead, {}, SCMP_ARCH_X86), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(filter.action(kRead | 0x40000000), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(filter.action(-1), SECCOMP_RET_KILL_PROCESS);
}

TEST(Filter, AConditionOf64BitsLooksAtAllOfThem) {
  const Compiled filter = compiled(" allow mmap where prot within PROT_READ|PROT_WRITE : data\n");
  EXPECT_EQ(filter.action(kMmap, {0, 0, 3}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(filter.action(kMmap, {0, 0, 4}), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(filter.action(kMmap, {0, 0, UINT64_C(1) << 40}), SECCOMP_RET_KILL_PROCESS);
}

TEST(Filter, HotLinesComeFirst) {
  const Compiled filter =
      compiled(" allow timerfd_settime : hot\n allow read : cold\n allow write : colder\n");
  const auto steps = [&](int number) {
    seccomp_data call{};
    call.nr = number;
    call.arch = SCMP_ARCH_X86_64;
    return run_filter(filter.program, call)->steps;
  };
  EXPECT_LT(steps(286), steps(kRead));
  EXPECT_LT(steps(kRead), steps(kWrite));
}

TEST(Filter, AMissingNameIsAnErrorUnlessTheLineSaysSo) {
  EXPECT_TRUE(resolve(document(" allow arch_prctl : tls\n"), "x86_64"));
  const auto missing = resolve(document(" allow read : r\n allow arch_prctl : tls\n"), "aarch64");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().front().line, 4U);
  EXPECT_THAT(missing.error().front().message, testing::HasSubstr("arch_prctl"));
  const auto where_present =
      resolve(document(" allow arch_prctl where-present : tls\n"), "aarch64");
  ASSERT_TRUE(where_present);
  EXPECT_TRUE(where_present->rules.empty());
  EXPECT_FALSE(resolve(document(" allow read : r\n"), "pdp11"));
}

TEST(Filter, TheFirstNameThatTheTargetHasIsTheOne) {
  const Document waits = document(" allow epoll_wait or epoll_pwait : waits\n");
  EXPECT_EQ(resolve(waits, "x86_64")->rules.front().syscall, "epoll_wait");
  EXPECT_EQ(resolve(waits, "aarch64")->rules.front().syscall, "epoll_pwait");
  EXPECT_EQ(resolve(waits, "x86_64")->allowed_syscalls(), 1U);
}

TEST(Filter, KnowsCallsThatAreYoungerThanLibseccomp) {
  const Compiled filter = compiled(" allow mseal where flags == 0 : code and constants\n");
  constexpr int kMseal = 462;
  EXPECT_EQ(filter.action(kMseal, {0, 0, 0}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(filter.action(kMseal, {0, 0, 1}), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(filter.target.number("mseal"), kMseal);
  EXPECT_EQ(syscall_names(filter.target.architecture).at(kMseal), "mseal");
}

TEST(Filter, EveryNameOfTheTableExists) {
  for (const char* name : {"read", "landlock_restrict_self", "rseq", "execveat", "ppoll"}) {
    ASSERT_NE(find_syscall(name), nullptr);
    EXPECT_GE(seccomp_syscall_resolve_name(name), 0) << name;
  }
}

// verify() is what stands between a bug of libseccomp and a wall with a hole: it must notice.
TEST(Verify, NoticesEveryChangedInstruction) {
  const Compiled filter = compiled(
      " allow write where fd == 2 : a\n allow sendto where flags == MSG_NOSIGNAL and addr == 0 : "
      "b\n"
      " allow socket where domain in {AF_INET, AF_INET6} : c\n answer mmap ENOMEM : d\n");
  EXPECT_TRUE(verify(filter.target, filter.program).empty());
  for (std::size_t i = 0; i + 1 < filter.program.size(); ++i) {
    const sock_filter& next = filter.program[i + 1];
    // libseccomp loads the high half of an int, masks all of it away and compares 0 with 0.
    if (next.code == (BPF_ALU | BPF_AND | BPF_K) && next.k == 0) continue;
    // The x32 comparison: between 2^30 and 2^30 + 4 there are no calls either way.
    if (filter.program[i].code == (BPF_JMP | BPF_JGE | BPF_K) ||
        filter.program[i].k == UINT32_MAX) {
      continue;
    }
    auto changed = filter.program;
    changed[i].k ^= 4;
    EXPECT_FALSE(verify(filter.target, changed).empty()) << i;
  }
}

TEST(Verify, NoticesARuleThatIsNotInTheProgram) {
  const Compiled filter = compiled(" allow write where fd == 2 : a\n");
  const Target more =
      resolve(document(" allow write where fd == 2 : a\n allow read : b\n"), "x86_64").value();
  EXPECT_FALSE(verify(more, filter.program).empty());
  const Target wider = resolve(document(" allow write : a\n"), "x86_64").value();
  EXPECT_FALSE(verify(wider, filter.program).empty());
}

TEST(Bpf, RefusesWhatIsNoProgram) {
  const seccomp_data call{};
  EXPECT_FALSE(run_filter({}, call));
  const sock_filter beyond[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 64}, {BPF_RET | BPF_K, 0, 0, 1}};
  EXPECT_FALSE(run_filter(beyond, call));
  const sock_filter out[] = {{BPF_JMP | BPF_JEQ | BPF_K, 9, 9, 0}};
  EXPECT_FALSE(run_filter(out, call));
  const sock_filter unknown[] = {{BPF_ST, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 1}};
  EXPECT_FALSE(run_filter(unknown, call));
}

}  // namespace
}  // namespace dotkeep::policyc
