#include <seccomp.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "policyc/bpf.h"
#include "policyc/filter.h"

namespace dotkeep::policyc {
namespace {

constexpr int kNumbers = 1024;  // no architecture has more calls
constexpr int kX32Bit = 0x40000000;
constexpr std::array<std::uint32_t, 3> kArchitectures = {SCMP_ARCH_X86_64, SCMP_ARCH_X86,
                                                         SCMP_ARCH_AARCH64};
// What stands where no rule of the call looks.
constexpr std::array<std::uint64_t, 2> kFill = {0, UINT64_MAX};

// By argument: each value that a rule of the call names, and its neighbours by one bit.
using Values = std::map<unsigned, std::set<std::uint64_t>>;

void add_values(const Rule& rule, Values& values) {
  constexpr unsigned kBits = 64;
  for (const Compare& c : rule.compares) {
    std::set<std::uint64_t>& of_argument = values[c.argument];
    of_argument.insert(c.value);
    of_argument.insert(c.value | ~c.mask);
    for (unsigned bit = 0; bit < kBits; ++bit) {
      // Of what does not count, one bit stands for all.
      const std::uint64_t one = std::uint64_t{1} << bit;
      if ((c.mask & one) != 0 || bit == kBits - 1) of_argument.insert(c.value ^ one);
    }
  }
}

class Comparison {
 public:
  Comparison(std::span<const sock_filter> one, std::span<const sock_filter> other)
      : one_(one), other_(other) {}

  [[nodiscard]] bool same(const seccomp_data& call) const {
    const auto a = run_filter(one_, call);
    const auto b = run_filter(other_, call);
    return a && b && a->action == b->action;
  }

  // With all combinations of the values from `next` on.
  [[nodiscard]] bool same(seccomp_data call, const Values& values,
                          Values::const_iterator next) const {
    if (next == values.end()) return same(call);
    return std::ranges::all_of(next->second, [&](std::uint64_t value) {
      call.args[next->first] = value;
      return same(call, values, std::next(next));
    });
  }

 private:
  std::span<const sock_filter> one_;
  std::span<const sock_filter> other_;
};

}  // namespace

std::vector<std::string> compare(const Target& target, std::span<const sock_filter> program,
                                 std::span<const sock_filter> reference) {
  const Comparison comparison(program, reference);
  std::set<std::string> different;
  std::map<std::string, Values> calls;
  for (const Rule& rule : target.rules) add_values(rule, calls[rule.syscall]);
  for (const std::uint64_t fill : kFill) {
    seccomp_data call{};
    std::ranges::fill(call.args, fill);
    for (const std::uint32_t architecture : kArchitectures) {
      call.arch = architecture;
      for (int number = -2; number < kNumbers; ++number) {
        call.nr = number;
        if (!comparison.same(call)) different.insert("some call by number");
        call.nr = number | kX32Bit;
        if (!comparison.same(call)) different.insert("some x32 call");
      }
    }
    call.arch = target.architecture;
    for (const auto& [name, values] : calls) {
      call.nr = target.number(name);
      if (!comparison.same(call, values, values.begin())) different.insert(name);
    }
  }
  return {different.begin(), different.end()};
}

}  // namespace dotkeep::policyc
