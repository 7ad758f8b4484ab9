// The program that is installed: what it costs, and that it means what the rules say however long
// it gets.
#include "policyc/program.h"

#include <gmock/gmock.h>

#include <random>

#include "policyc/bpf.h"
#include "policyc/parse.h"

namespace dotkeep::policyc {
namespace {

Target target_of(const std::string& lines) {
  return resolve(parse("room r : why\nrun:\n" + lines).value(), "x86_64").value();
}

Outcome run(const std::vector<sock_filter>& program, const Target& target, const char* name,
            std::array<std::uint64_t, 6> arguments = {}) {
  seccomp_data call{};
  call.arch = target.architecture;
  call.nr = target.number(name);
  std::ranges::copy(arguments, call.args);
  return run_filter(program, call).value();
}

TEST(Program, ComparesTheArchitectureTheNumberAndWhatIsAskedOfTheArguments) {
  const Target target = target_of(
      " allow sendmsg where flags == 0x4000 : an int: its low half\n"
      " allow recvfrom where flags == 0x40 and addr == 0 : a pointer: both halves\n");
  const auto program = write_program(target);
  constexpr std::size_t kArchitectureAndNumber = 3;  // load and compare, load
  EXPECT_EQ(run(program, target, "sendmsg", {0, 0, 0x4000}).steps, kArchitectureAndNumber + 1 + 3);
  EXPECT_EQ(run(program, target, "recvfrom", {0, 0, 0, 0x40}).steps,
            kArchitectureAndNumber + 2 + 7);
}

TEST(Program, CallsWithConditionsComeFirstAsTheKernelRemembersTheOthers) {
  const Target target =
      target_of(" allow epoll_wait : a\n allow sendmsg where flags == 0x4000 : b\n");
  const auto program = write_program(target);
  const Outcome wait = run(program, target, "epoll_wait");
  const Outcome send = run(program, target, "sendmsg", {0, 0, 0x4000});
  EXPECT_FALSE(wait.looked);
  EXPECT_TRUE(send.looked);
  EXPECT_EQ(wait.steps, 3 + 2 + 1U);  // both numbers, and allowed
}

constexpr const char* kMany[] = {
    "read",   "close", "lseek",  "pread64",     "dup2",    "sendto", "getpid", "setsid", "getppid",
    "gettid", "uname", "chdir",  "fchdir",      "sysinfo", "capset", "poll",   "vfork",  "chroot",
    "fstat",  "futex", "capget", "getsockname", "munmap",  "brk",    "madvise"};

// Where a jump is longer than its octet holds.
TEST(Program, MeansTheSameHoweverLongItIs) {
  std::string lines;
  for (int option = 0; option < 300; option += 3) {
    lines += " allow prctl where option == " + std::to_string(option) + " : one of many\n";
  }
  lines += " allow write where fd == 2 : behind them\n";
  for (const char* const call : kMany) lines += std::string(" allow ") + call + " : the rest\n";
  lines += " answer mmap ENOMEM : answered\n";
  const Target target = target_of(lines);
  const auto program = write_program(target);
  ASSERT_GT(program.size(), 300U);
  EXPECT_THAT(verify(target, program), testing::IsEmpty());
  EXPECT_THAT(compare(target, program, reference_program(target).value()), testing::IsEmpty());
  EXPECT_EQ(run(program, target, "prctl", {297}).action, SECCOMP_RET_ALLOW);
  EXPECT_EQ(run(program, target, "prctl", {298}).action, SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(run(program, target, "write", {2}).action, SECCOMP_RET_ALLOW);
}

TEST(Program, TheRestIsFoundByHalving) {
  std::string lines;
  for (const char* const call : kMany) lines += std::string(" allow ") + call + " : why\n";
  const Target target = target_of(lines);
  const auto program = write_program(target);
  for (const char* const call : kMany) {
    // Eight one by one, of the other seventeen two after three or four halves.
    EXPECT_LE(run(program, target, call).steps, 3 + 8 + 4 + 2 + 1U) << call;
  }
}

TEST(Program, AMaskOf64BitsIsLookedAtInBothHalves) {
  const Target target = target_of(
      " allow mmap where prot & 0xf0000000f == 0x300000001 : a mask\n"
      " allow mmap where prot & 0xf == 2 and length == 7 : another way\n");
  const auto program = write_program(target);
  EXPECT_THAT(compare(target, program, reference_program(target).value()), testing::IsEmpty());
  EXPECT_EQ(run(program, target, "mmap", {0, 0, 0x3000000f1}).action, SECCOMP_RET_ALLOW);
  EXPECT_EQ(run(program, target, "mmap", {0, 0, 0x200000001}).action, SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(run(program, target, "mmap", {0, 7, 2}).action, SECCOMP_RET_ALLOW);
  EXPECT_EQ(run(program, target, "mmap", {0, 6, 2}).action, SECCOMP_RET_KILL_PROCESS);
}

// Of rules of all kinds, among them masks that overlap and several rules for a call.
Target drawn_by_lot(std::mt19937_64& lot) {
  const auto below = [&](std::uint64_t bound) { return lot() % bound; };
  Target target = target_of(" allow exit_group : ends\n");
  const std::uint64_t count = 1 + below(40);
  for (std::uint64_t i = 0; i < count; ++i) {
    Rule rule{kMany[below(std::size(kMany))], {}};
    for (unsigned argument = 0; argument < 6; ++argument) {
      if (below(4) != 0) continue;
      constexpr std::uint64_t kMasks[] = {UINT32_MAX, UINT64_MAX, 0xf, 0xfffffffffffffffc,
                                          UINT64_C(0xff00000000)};
      const std::uint64_t mask = kMasks[below(std::size(kMasks))];
      rule.compares.push_back({argument, mask, lot() & mask & UINT64_C(0x0000000300000007)});
    }
    target.rules.push_back(std::move(rule));
  }
  target.rules = simplify(std::move(target.rules));
  return target;
}

TEST(Program, MeansWhatTheRulesSayWhateverTheyAre) {
  std::mt19937_64 lot(1);  // the same ones each time
  for (int i = 0; i < 60; ++i) {
    const Target target = drawn_by_lot(lot);
    EXPECT_THAT(verify(target, write_program(target)), testing::IsEmpty()) << "policy " << i;
  }
}

TEST(Program, NothingAllowedIsNothingAllowed) {
  const Target target = target_of(" answer mmap ENOMEM : no\n");
  const auto program = write_program(target);
  EXPECT_EQ(run(program, target, "read").action, SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(run(program, target, "mmap").action, SECCOMP_RET_ERRNO | 12U);
}

}  // namespace
}  // namespace dotkeep::policyc
