// Allow lines as the filter sees them: a system call and masked comparisons. Every operator of the
// grammar comes to (argument & mask) == value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policyc/document.h"

namespace dotkeep::policyc {

struct Compare {
  unsigned argument = 0;  // 0..5
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  friend auto operator<=>(const Compare&, const Compare&) = default;
};

// All compares must hold; none: always.
struct Rule {
  std::string syscall;
  std::vector<Compare> compares;  // by argument, each at most once
  friend bool operator==(const Rule&, const Rule&) = default;
};

// The alternatives that one line stands for, for the system call `name` of it (sets multiply).
[[nodiscard]] std::vector<Rule> rules_of(const Allow& allow, std::string_view name);

// Whether whatever `narrow` allows, `wide` allows too.
[[nodiscard]] bool includes(const Rule& wide, const Rule& narrow);

// Without rules that another one includes; order kept.
[[nodiscard]] std::vector<Rule> simplify(std::vector<Rule> rules);

}  // namespace dotkeep::policyc
