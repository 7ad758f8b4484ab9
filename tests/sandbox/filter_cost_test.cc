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

// Both filters together. Compiled by the kernel, ten of them take some 3 ns; the price of a call
// that is filtered at all is 55 ns (docs/layers.md), so what is below this cannot be measured.
constexpr std::size_t kHotSteps = 48;
// A rule of any worker, hot or not: the chain of a policy does not grow without being seen.
constexpr std::size_t kSteps = 72;

struct Hot {
  const sandbox::Policy* policy;
  std::vector<std::string_view> calls;
};

class FilterCost : public testing::TestWithParam<Hot> {
 protected:
  // Of a call that the rule allows; 0: one of the filters does not let it pass.
  [[nodiscard]] std::size_t steps(const policyc::Rule& rule) const {
    seccomp_data call{};
    call.arch = target().architecture;
    call.nr = target().number(rule.syscall);
    for (const policyc::Compare& c : rule.compares) call.args[c.argument] = c.value;
    std::size_t sum = 0;
    for (const sandbox::Policy* policy : {GetParam().policy, &policy::kSupervisor}) {
      const auto outcome = policyc::run_filter(policy->filter, call);
      if (!outcome || outcome->action != SECCOMP_RET_ALLOW) return 0;
      sum += outcome->steps;
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
    const std::size_t count = steps(rule);
    EXPECT_GT(count, 0U) << rule.syscall;
    EXPECT_LE(count, kSteps) << rule.syscall;
    if (std::ranges::find(GetParam().calls, rule.syscall) == GetParam().calls.end()) continue;
    EXPECT_LE(count, kHotSteps) << rule.syscall;
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
    testing::Values(Hot{&policy::kFrontend, {kWait, "recvmmsg", "sendmmsg", "recvmsg", "sendmsg"}},
                    Hot{&policy::kUpstream, {kWait, "recvmsg", "sendmsg", "recvfrom", "sendto"}}),
    [](const auto& hot) { return std::string(hot.param.policy->room); });

}  // namespace
}  // namespace dotkeep

#endif
