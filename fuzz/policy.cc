// policyc's parser: whatever the text, it ends, and what it reads it prints so that it reads the
// same again.
#include <string>
#include <string_view>

#include "fuzz.h"
#include "policyc/parse.h"
#include "policyc/rules.h"

namespace {

using namespace dotkeep::policyc;

// Checking compares every line with every other; this much is as good as any more.
constexpr std::size_t kMaxFuzzed = 4096;

void check_rules(const Document& document) {
  for (const Allow& allow : document.allows) {
    for (const std::string& name : allow.names) {
      for (const Rule& rule : rules_of(allow, name)) {
        FUZZ_CHECK(includes(rule, rule));
        for (const Compare& c : rule.compares) {
          FUZZ_CHECK(c.argument < 6 && c.mask != 0 && (c.value & ~c.mask) == 0);
        }
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kMaxFuzzed) return 0;
  const auto parsed = parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!parsed) {
    FUZZ_CHECK(!parsed.error().empty());
    return 0;
  }
  const std::string text = to_text(*parsed);
  const auto again = parse(text);
  FUZZ_CHECK(again.has_value());
  FUZZ_CHECK(to_text(*again) == text);
  FUZZ_CHECK(again->allows.size() == parsed->allows.size());
  if (check(*parsed).empty()) check_rules(*parsed);
  return 0;
}
