#include <seccomp.h>

#include <algorithm>
#include <array>

#include "policyc/bpf.h"
#include "policyc/filter.h"

namespace dotkeep::policyc {
namespace {

// System call numbers end well below this on every architecture here.
constexpr int kNumbers = 1024;
constexpr int kX32Bit = 0x40000000;
constexpr std::array<std::uint32_t, 3> kArchitectures = {SCMP_ARCH_X86_64, SCMP_ARCH_X86,
                                                         SCMP_ARCH_AARCH64};
// What stands in the registers that a rule does not look at.
constexpr std::array<std::uint64_t, 4> kFill = {0, UINT64_MAX, UINT64_C(0xffffffff00000000),
                                                UINT64_C(0x0000000100000001)};

// What the rules say about one call; the reference that the program is held against.
class Reference {
 public:
  explicit Reference(const Target& target) : target_(target) {
    for (const Rule& rule : target.rules) numbers_.push_back(target.number(rule.syscall));
    for (const Answer& answer : target.answers) answered_.push_back(target.number(answer.name));
  }

  [[nodiscard]] std::uint32_t action(const seccomp_data& call) const {
    if (call.arch != target_.architecture) return SECCOMP_RET_KILL_PROCESS;
    for (std::size_t i = 0; i < answered_.size(); ++i) {
      if (call.nr == answered_[i]) {
        return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(target_.answers[i].error.number);
      }
    }
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      if (call.nr != numbers_[i]) continue;
      const bool holds = std::ranges::all_of(target_.rules[i].compares, [&](const Compare& c) {
        return (call.args[c.argument] & c.mask) == c.value;
      });
      if (holds) return SECCOMP_RET_ALLOW;
    }
    return SECCOMP_RET_KILL_PROCESS;
  }

 private:
  const Target& target_;
  std::vector<int> numbers_;
  std::vector<int> answered_;
};

}  // namespace

std::vector<std::string> verify(const Target& target, std::span<const sock_filter> program) {
  const Reference reference(target);
  std::vector<std::string> faults;
  const auto hold = [&](const seccomp_data& call, std::string_view what) {
    const auto outcome = run_filter(program, call);
    if (!outcome || outcome->action != reference.action(call)) faults.emplace_back(what);
  };
  for (const std::uint64_t fill : kFill) {
    seccomp_data call{};
    std::ranges::fill(call.args, fill);
    for (const std::uint32_t architecture : kArchitectures) {
      call.arch = architecture;
      for (int number = -2; number < kNumbers; ++number) {
        call.nr = number;
        hold(call, "some call by number");
        call.nr = number | kX32Bit;
        hold(call, "some x32 call");
      }
    }
    for (const Rule& rule : target.rules) {
      seccomp_data exact{};
      exact.arch = target.architecture;
      exact.nr = target.number(rule.syscall);
      std::ranges::fill(exact.args, fill);
      for (const Compare& c : rule.compares) {
        exact.args[c.argument] = (fill & ~c.mask) | c.value;
      }
      hold(exact, rule.syscall);
      const auto outcome = run_filter(program, exact);
      if (rule.compares.empty() && (!outcome || outcome->looked)) {
        faults.push_back(rule.syscall + ", whose arguments do not count");
      }
      for (const Compare& c : rule.compares) {
        for (unsigned bit = 0; bit < 64; ++bit) {
          seccomp_data neighbour = exact;
          neighbour.args[c.argument] ^= std::uint64_t{1} << bit;
          hold(neighbour, rule.syscall);
        }
      }
    }
  }
  std::ranges::sort(faults);
  const auto [first, last] = std::ranges::unique(faults);
  faults.erase(first, last);
  return faults;
}

}  // namespace dotkeep::policyc
