#include "policyc/rules.h"

#include <algorithm>

#include "policyc/syscalls.h"

namespace dotkeep::policyc {
namespace {

std::uint64_t all_bits(Width width) {
  return width == Width::bits32 ? UINT32_MAX : UINT64_MAX;
}

// One condition as the comparisons of which one must hold.
std::vector<Compare> compares_of(const Condition& condition, const Syscall& syscall) {
  const unsigned at = find_argument(syscall, condition.argument).value();
  const std::uint64_t all = all_bits(syscall.arguments[at].width);
  const std::uint64_t first = condition.values.front().number & all;
  switch (condition.op) {
    case Operator::masked:
      return {{at, condition.mask.number & all, first}};
    case Operator::within:
      return {{at, all & ~first, 0}};
    case Operator::equals:
    case Operator::one_of:
      break;
  }
  std::vector<Compare> compares;
  compares.reserve(condition.values.size());
  for (const Value& value : condition.values) compares.push_back({at, all, value.number & all});
  return compares;
}

}  // namespace

std::vector<Rule> rules_of(const Allow& allow, std::string_view name) {
  const Syscall& syscall = *find_syscall(name);
  std::vector<Rule> rules = {{std::string(name), {}}};
  for (const Condition& condition : allow.conditions) {
    std::vector<Rule> longer;
    for (const Rule& rule : rules) {
      for (const Compare& compare : compares_of(condition, syscall)) {
        Rule& next = longer.emplace_back(rule);
        // A mask without bits holds always, e.g. of `within` every bit.
        if (compare.mask != 0) next.compares.push_back(compare);
      }
    }
    rules = std::move(longer);
  }
  for (Rule& rule : rules) std::ranges::sort(rule.compares);
  return rules;
}

bool includes(const Rule& wide, const Rule& narrow) {
  if (wide.syscall != narrow.syscall) return false;
  return std::ranges::all_of(wide.compares, [&](const Compare& w) {
    return std::ranges::any_of(narrow.compares, [&](const Compare& n) {
      return n.argument == w.argument && (n.mask & w.mask) == w.mask &&
             (n.value & w.mask) == w.value;
    });
  });
}

std::vector<Rule> simplify(std::vector<Rule> rules) {
  std::vector<Rule> kept;
  for (Rule& rule : rules) {
    if (std::ranges::any_of(kept, [&](const Rule& other) { return includes(other, rule); })) {
      continue;
    }
    std::erase_if(kept, [&](const Rule& other) { return includes(rule, other); });
    kept.push_back(std::move(rule));
  }
  return kept;
}

}  // namespace dotkeep::policyc
