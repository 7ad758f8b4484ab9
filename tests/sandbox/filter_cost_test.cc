// What the filters cost a call that every query makes: the instructions that it runs through, in
// its own filter and in the one that is inherited from the supervisor.
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "policy/policies.h"
#include "policy/texts.h"
#include "policyc/bpf.h"
#include "policyc/filter.h"
#include "policyc/parse.h"

#ifndef DOTKEEP_SANITIZER_OVERLAY  // which stands before the lines

namespace dotkeep {
namespace {

// A rule of any worker, hot or not, in both filters together: the chain of a policy does not grow
// without being seen. 36 on x86-64; other numbers may be halved otherwise.
constexpr std::size_t kSteps = 38;

// What every query calls, and the instructions of both filters together. None: the kernel allows
// the call without running them (from Linux 5.11 on), as neither looks at its arguments. Compiled
// by the kernel, ten take some 3 ns; the way to the filters is 55 ns (docs/layers.md).
struct HotCall {
  std::string_view name;
  std::size_t steps = 0;
};

struct Hot {
  const sandbox::Policy* policy;
  std::vector<HotCall> calls;
};

class FilterCost : public testing::TestWithParam<Hot> {
 protected:
  // Of a call that the rule allows.
  [[nodiscard]] policyc::Outcome both(const policyc::Rule& rule) const {
    seccomp_data call{};
    call.arch = target().architecture;
    call.nr = target().number(rule.syscall);
    for (const policyc::Compare& c : rule.compares) call.args[c.argument] = c.value;
    policyc::Outcome sum;
    for (const sandbox::Policy* policy : {GetParam().policy, &policy::kSupervisor}) {
      const auto outcome = policyc::run_filter(policy->filter, call);
      EXPECT_TRUE(outcome && outcome->action == SECCOMP_RET_ALLOW) << rule.syscall;
      if (!outcome) continue;
      sum.steps += outcome->steps;
      sum.looked |= outcome->looked;
    }
    return sum;
  }
  [[nodiscard]] const policyc::Target& target() const { return target_; }

  void SetUp() override {
    for (const policy::Text& text : policy::texts()) {
      if (text.room == GetParam().policy->room) {
        target_ = policyc::resolve(policyc::parse(text.text).value(), "native").value();
      }
    }
    ASSERT_FALSE(target_.rules.empty());
  }

 private:
  policyc::Target target_;
};

TEST_P(FilterCost, WhatEveryQueryCallsPassesBothFiltersAfterFewInstructions) {
  std::size_t found = 0;
  for (const policyc::Rule& rule : target().rules) {
    const policyc::Outcome outcome = both(rule);
    EXPECT_LE(outcome.steps, kSteps) << rule.syscall;
    const auto hot = std::ranges::find(GetParam().calls, rule.syscall, &HotCall::name);
    if (hot == GetParam().calls.end()) continue;
    EXPECT_EQ(outcome.looked, hot->steps != 0) << rule.syscall;
    EXPECT_LE(outcome.looked ? outcome.steps : 0, hot->steps) << rule.syscall;
    ++found;
  }
  EXPECT_EQ(found, GetParam().calls.size());
}

#ifdef __x86_64__
constexpr std::string_view kWait = "epoll_wait";
#else
constexpr std::string_view kWait = "epoll_pwait";
#endif

INSTANTIATE_TEST_SUITE_P(
    Rooms, FilterCost,
    testing::Values(
        Hot{&policy::kFrontend,
            {{kWait, 0}, {"recvmmsg", 22}, {"sendmmsg", 16}, {"recvmsg", 18}, {"sendmsg", 20}}},
        Hot{&policy::kUpstream,
            {{kWait, 0}, {"recvmsg", 16}, {"sendmsg", 18}, {"recvfrom", 28}, {"sendto", 31}}}),
    [](const auto& hot) { return std::string(hot.param.policy->room); });

}  // namespace
}  // namespace dotkeep

#endif
