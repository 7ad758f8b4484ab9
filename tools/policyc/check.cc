#include <algorithm>

#include "policyc/parse.h"
#include "policyc/rules.h"

namespace dotkeep::policyc {
namespace {

// Sets multiply; this many comparisons nobody would read.
constexpr std::size_t kMaxRulesPerLine = 64;

std::size_t rules_count(const Allow& allow) {
  std::size_t count = 1;
  for (const Condition& condition : allow.conditions) {
    count = std::min(count * condition.values.size(), kMaxRulesPerLine + 1);
  }
  return count;
}

// Whether everything that `narrow` stands for, under each of its names, `wide` allows.
bool includes(const Allow& wide, const Allow& narrow) {
  return std::ranges::all_of(narrow.names, [&](const std::string& name) {
    if (std::ranges::find(wide.names, name) == wide.names.end()) return false;
    const auto wider = rules_of(wide, name);
    return std::ranges::all_of(rules_of(narrow, name), [&](const Rule& rule) {
      return std::ranges::any_of(wider, [&](const Rule& w) { return includes(w, rule); });
    });
  });
}

void check_allows(const Document& document, std::vector<Problem>& problems) {
  for (const Allow& allow : document.allows) {
    if (rules_count(allow) > kMaxRulesPerLine) {
      problems.push_back({allow.line, "stands for more than 64 comparisons"});
      return;  // comparing lines would take long
    }
  }
  for (const Allow& allow : document.allows) {
    for (const Allow& other : document.allows) {
      if (&allow == &other || allow.section != other.section) continue;
      if (!includes(other, allow)) continue;
      // Of two equal lines the second is the duplicate.
      if (other.line > allow.line && includes(allow, other)) continue;
      problems.push_back(
          {allow.line, "line " + std::to_string(other.line) + " already allows all of this"});
      break;
    }
  }
}

void check_answers(const Document& document, std::vector<Problem>& problems) {
  for (const Answer& answer : document.answers) {
    for (const Answer& other : document.answers) {
      if (other.line < answer.line && other.name == answer.name) {
        problems.push_back({answer.line, "'" + answer.name + "' is already answered on line " +
                                             std::to_string(other.line)});
      }
    }
    for (const Allow& allow : document.allows) {
      if (allow.section == Section::run &&
          std::ranges::find(allow.names, answer.name) != allow.names.end()) {
        problems.push_back({answer.line, "'" + answer.name + "' is allowed on line " +
                                             std::to_string(allow.line)});
      }
    }
  }
}

template <typename Line, typename Name>
void check_once(const std::vector<Line>& lines, Name name, std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (name(lines[i]) == name(lines[j])) {
        problems.push_back({lines[i].line, "'" + name(lines[i]) + "' is already on line " +
                                               std::to_string(lines[j].line)});
      }
    }
  }
}

}  // namespace

std::vector<Problem> check(const Document& document) {
  std::vector<Problem> problems;
  check_allows(document, problems);
  check_answers(document, problems);
  check_once(document.limits, [](const Limit& l) { return l.name; }, problems);
  check_once(document.landlocks, [](const Landlock& l) { return l.what; }, problems);
  check_once(document.layers, [](const Layer& l) { return l.what; }, problems);
  if (document.overlay &&
      (!document.inherits.empty() || !document.answers.empty() || !document.limits.empty() ||
       !document.landlocks.empty() || !document.layers.empty())) {
    problems.push_back({0, "an overlay can only allow"});
  }
  std::ranges::sort(problems, {}, &Problem::line);
  return problems;
}

}  // namespace dotkeep::policyc
