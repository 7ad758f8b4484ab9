// What becomes of a policy is what the policy says, by our own way and by libseccomp's.
#include "policyc/filter.h"

#include <gmock/gmock.h>
#include <seccomp.h>

#include "policyc/bpf.h"
#include "policyc/parse.h"
#include "policyc/program.h"
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
  auto program = write_program(target);
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

const Compiled& some_of_everything() {
  static const Compiled filter = compiled(
      " allow write where fd == 2 : a\n allow sendto where flags == MSG_NOSIGNAL and addr == 0 : "
      "b\n"
      " allow socket where domain in {AF_INET, AF_INET6} : c\n answer mmap ENOMEM : d\n");
  return filter;
}

// These two are what stands between a mistake in the program and a wall with a hole.
TEST(Verify, NoticesEveryChangedInstruction) {
  const Compiled& filter = some_of_everything();
  EXPECT_TRUE(verify(filter.target, filter.program).empty());
  for (std::size_t i = 0; i < filter.program.size(); ++i) {
    auto changed = filter.program;
    changed[i].k ^= 4;
    EXPECT_FALSE(verify(filter.target, changed).empty()) << i;
  }
}

TEST(Compare, NoticesEveryChangedInstruction) {
  const Compiled& filter = some_of_everything();
  const auto reference = reference_program(filter.target).value();
  EXPECT_TRUE(compare(filter.target, filter.program, reference).empty());
  for (std::size_t i = 0; i < filter.program.size(); ++i) {
    auto changed = filter.program;
    changed[i].k ^= 4;
    EXPECT_FALSE(compare(filter.target, changed, reference).empty()) << i;
  }
}

TEST(Compare, NoticesARuleThatIsInOneProgramOnly) {
  const Compiled one = compiled(" allow write where fd == 2 : a\n");
  for (const char* const other :
       {" allow write where fd in {2, 3} : a\n", " allow write where fd == 3 : a\n",
        " allow write where fd == 2 and size == 1 : a\n", " allow write : a\n",
        " allow write where fd == 2 : a\n allow read : b\n",
        " allow write where fd == 2 : a\n answer read EPERM : b\n"}) {
    const Compiled more = compiled(other);
    const auto reference = reference_program(more.target).value();
    EXPECT_FALSE(compare(more.target, one.program, reference).empty()) << other;
    EXPECT_TRUE(compare(more.target, more.program, reference).empty()) << other;
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

// Such a call the kernel remembers as allowed, and does not run the program for it.
TEST(Verify, NoticesThatAnArgumentIsLookedAtForNothing) {
  const Compiled filter = compiled(" allow read : all of it\n");
  auto looks = filter.program;
  const auto at = std::ranges::find(looks, std::uint32_t{SECCOMP_RET_ALLOW}, &sock_filter::k);
  looks.insert(at, {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, args)});
  ASSERT_EQ(looks[looks.size() - 4].code, BPF_JMP | BPF_JEQ | BPF_K);
  ++looks[looks.size() - 4].jf;
  EXPECT_TRUE(verify(filter.target, filter.program).empty());
  EXPECT_THAT(verify(filter.target, looks),
              testing::ElementsAre("read, whose arguments do not count"));
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
