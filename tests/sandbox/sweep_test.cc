// Every system call by number, made for real in a sealed child: who survives is who the policy's
// text lets through. And every rule of every line: its call works, its nearest neighbours (one bit
// of one compared argument changed) die.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <climits>
#include <optional>

#include "policy/policies.h"
#include "policy/syscall_names.h"
#include "policy/texts.h"
#include "policyc/filter.h"
#include "policyc/parse.h"
#include "sandbox/sandbox.h"
#include "tests/sandbox/child.h"

#ifndef DOTKEEP_SANITIZER_OVERLAY  // whose overlay is in the policies and not in their texts

namespace dotkeep {
namespace {

using policyc::Rule;
using Arguments = std::array<std::uint64_t, 6>;

constexpr int kNumbers =
    560;  // Linux 6.18 ends at 470 and keeps the old x32 numbers from 512 to 547
constexpr int kX32 = 0x40000000;
constexpr unsigned kPatience = 5;  // seconds for one call: no argument below makes any call wait

// Linux lets these by every filter (6.14 and later, x86-64: kernel/seccomp.c): they are how its own
// uprobes come back from a probed function. Made by anybody else they end the process or are an
// error.
#ifdef __x86_64__
constexpr int kUretprobe = 335;
constexpr int kUprobe = 336;
bool is_beyond_filters(int number) {
  return number == kUretprobe || number == kUprobe;
}
#else
bool is_beyond_filters(int /*number*/) {
  return false;
}
#endif

// Nothing that a call could act on, should a filter have a hole: no descriptor, address or process
// has this number.
Arguments harmless(std::string_view call) {
  Arguments arguments{};
  arguments.fill(~std::uint64_t{0});
  if (call == "kill" || call == "tkill" || call == "tgkill")
    arguments[0] = INT_MAX;  // -1 would mean all
  return arguments;
}

struct Room {
  const sandbox::Policy* policy = nullptr;
  policyc::Target target;

  [[nodiscard]] bool allows(std::string_view call, const Arguments& arguments) const {
    return std::ranges::any_of(target.rules, [&](const Rule& rule) {
      return rule.syscall == call && std::ranges::all_of(rule.compares, [&](const auto& compare) {
               return (arguments[compare.argument] & compare.mask) == compare.value;
             });
    });
  }
  [[nodiscard]] std::optional<long> answer(std::string_view call) const {
    for (const policyc::Answer& answer : target.answers) {
      if (answer.name == call) return -static_cast<long>(answer.error.number);
    }
    return std::nullopt;
  }
};

Room room_of(const sandbox::Policy& policy) {
  for (const policy::Text& text : policy::texts()) {
    if (text.room != policy.room) continue;
    const auto document = policyc::parse(text.text);
    if (!document) break;
    auto target = policyc::resolve(*document, "native");
    if (target) return {&policy, std::move(*target)};
  }
  ADD_FAILURE() << "no text of " << policy.room;
  return {};
}

struct Outcome {
  bool killed = false;  // by the filter
  bool returned = false;
  long value = 0;
};

// The raw result of the call by way of a pipe that was there before the seal would need a right to
// write to it: a page that both share needs none.
Outcome call(const sandbox::Policy& policy, int number, const Arguments& a, long* shared) {
  *shared = LONG_MIN;
  const test::End end = test::in_child([&] {
    ::alarm(kPatience);
    const auto given = sandbox::keep_only({});
    if (!given || !sandbox::seal(policy, *given)) return 99;
    long result = ::syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (result == -1) result = -errno;
    *shared = result;
    return 0;
  });
  EXPECT_NE(end, test::exited(99)) << "not sealed";
  EXPECT_TRUE(end.signal == 0 || end.signal == SIGSYS || is_beyond_filters(number))
      << number << " ends by signal " << end.signal;
  return {end == test::kKilledByFilter, *shared != LONG_MIN, *shared};
}

class Sweep : public testing::TestWithParam<const sandbox::Policy*> {
 protected:
  Sweep() : room_(room_of(*GetParam())) {
    void* const page =
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared_ = static_cast<long*>(page);
  }
  ~Sweep() override { ::munmap(shared_, 4096); }

  Outcome call(int number, const Arguments& arguments) {
    return dotkeep::call(*room_.policy, number, arguments, shared_);
  }

  // What the text says of this call is what happens.
  void compare(int number, std::string_view name, const Arguments& arguments) {
    const Outcome outcome = call(number, arguments);
    const std::string what = std::string(name) + " (" + std::to_string(number) + ")";
    if (const auto answer = room_.answer(name)) {
      EXPECT_TRUE(outcome.returned) << what << " is not answered";
      EXPECT_EQ(outcome.value, *answer) << what;
    } else {
      EXPECT_EQ(outcome.killed, !room_.allows(name, arguments))
          << what << (outcome.killed ? " is killed" : " survives");
    }
    survivors_ += outcome.killed ? 0 : 1;
    ++calls_;
  }

  Room room_;
  long* shared_ = nullptr;
  std::size_t survivors_ = 0;
  std::size_t calls_ = 0;
};

TEST_P(Sweep, WhoSurvivesIsWhoTheTextLetsThrough) {
  for (int number = 0; number < kNumbers; ++number) {
    const std::string_view name = policy::syscall_name(number);
    if (is_beyond_filters(number)) {
      EXPECT_LT(call(number, harmless(name)).value, 0) << number << " does something";
      continue;
    }
    compare(number, name, harmless(name));
  }
  for (const int number : {SYS_read, SYS_write, SYS_close, SYS_exit_group, SYS_sendmsg}) {
    EXPECT_TRUE(call(number | kX32, harmless("")).killed) << number << " by way of x32";
  }
  EXPECT_TRUE(call(-1, harmless("")).killed);
}

TEST_P(Sweep, EveryLinesCallWorksAndItsNearestNeighboursDie) {
  for (const Rule& rule : room_.target.rules) {
    const int number = room_.target.number(rule.syscall);
    Arguments arguments = harmless(rule.syscall);
    for (const auto& c : rule.compares) {
      arguments[c.argument] = (arguments[c.argument] & ~c.mask) | c.value;
    }
    ASSERT_TRUE(room_.allows(rule.syscall, arguments));
    compare(number, rule.syscall, arguments);
    for (const auto& c : rule.compares) {
      for (const std::uint64_t bit : {c.mask & (~c.mask + 1), std::bit_floor(c.mask)}) {
        Arguments neighbour = arguments;
        neighbour[c.argument] ^= bit;
        compare(number, rule.syscall, neighbour);
      }
    }
  }
  EXPECT_GE(survivors_, room_.target.allowed_syscalls());
  EXPECT_GT(calls_, survivors_) << "not one neighbour died";
}

INSTANTIATE_TEST_SUITE_P(Rooms, Sweep,
                         testing::Values(&policy::kSupervisor, &policy::kFrontend,
                                         &policy::kUpstream, &policy::kConnector, &policy::kControl,
                                         &policy::kProbe, &policy::kHealth),
                         [](const auto& room) { return std::string(room.param->room); });

}  // namespace
}  // namespace dotkeep

#endif
