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

// Arguments that are neighbours at once; with more the combinations are too many to try.
constexpr unsigned kNeighbours = 2;

// What the rules of a call name for one argument, and the neighbours of that by one bit.
struct Values {
  std::set<std::uint64_t> named;
  std::set<std::uint64_t> neighbours;
};
using Arguments = std::map<unsigned, Values>;

void add_values(const Rule& rule, Arguments& arguments) {
  constexpr unsigned kBits = 64;
  for (const Compare& c : rule.compares) {
    Values& values = arguments[c.argument];
    values.named.insert(c.value);
    values.named.insert(c.value | ~c.mask);
    for (unsigned bit = 0; bit < kBits; ++bit) {
      const std::uint64_t one = std::uint64_t{1} << bit;
      if ((c.mask & one) != 0) values.neighbours.insert(c.value ^ one);
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

  // With all combinations for the arguments from `next` on.
  [[nodiscard]] bool same(seccomp_data call, const Arguments& arguments,
                          Arguments::const_iterator next, unsigned neighbours) const {
    if (next == arguments.end()) return same(call);
    const auto with = [&](std::uint64_t value, unsigned left) {
      call.args[next->first] = value;
      return same(call, arguments, std::next(next), left);
    };
    const auto& [named, beside] = next->second;
    return std::ranges::all_of(named, [&](auto value) { return with(value, neighbours); }) &&
           (neighbours == 0 ||
            std::ranges::all_of(beside, [&](auto value) { return with(value, neighbours - 1); }));
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
  std::map<std::string, Arguments> calls;
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
    for (const auto& [name, arguments] : calls) {
      call.nr = target.number(name);
      if (!comparison.same(call, arguments, arguments.begin(), kNeighbours)) different.insert(name);
    }
  }
  return {different.begin(), different.end()};
}

}  // namespace dotkeep::policyc
