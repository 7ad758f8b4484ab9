#include "policyc/tokens.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "policyc/symbols.h"

namespace dotkeep::policyc {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<std::uint64_t> read_number(std::string_view word) {
  const bool negative = word.starts_with('-');
  if (negative) word.remove_prefix(1);
  const bool hex = !negative && word.starts_with("0x");
  if (hex) word.remove_prefix(2);
  std::uint64_t number = 0;
  const char* const begin = word.data();
  const char* const end = begin + word.size();
  const auto [stop, error] = std::from_chars(begin, end, number, hex ? 16 : 10);
  if (error != std::errc() || stop != end) return std::nullopt;
  // Nothing in an interface is as negative as that, and the sign must not be lost.
  if (negative && number > 0x7fffffff) return std::nullopt;
  return negative ? ~number + 1 : number;
}

}  // namespace

std::string_view Tokens::peek() const {
  Tokens copy = *this;
  return copy.next();
}

std::string_view Tokens::next() {
  constexpr std::string_view kMarks = "{},";
  rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
  std::size_t size = std::min(rest_.find_first_of(" {},"), rest_.size());
  if (!rest_.empty() && kMarks.contains(rest_.front())) size = 1;
  const std::string_view word = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return word;
}

bool Tokens::accept(std::string_view word) {
  if (peek() != word) return false;
  next();
  return true;
}

bool is_name(std::string_view word) {
  if (word.empty() || word.size() > kMaxName || !(is_lower(word[0]) || word[0] == '_')) {
    return false;
  }
  return std::all_of(word.begin(), word.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-'; });
}

bool read_value(std::string_view word, Value& value, std::string& error) {
  value.text = word;
  value.number = 0;
  while (true) {
    const std::size_t bar = std::min(word.find('|'), word.size());
    const std::string_view term = word.substr(0, bar);
    if (term.empty()) {
      error = "a value is missing";
      return false;
    }
    const bool numeric = is_digit(term.front()) || term.front() == '-';
    const auto number = numeric ? read_number(term) : find_symbol(term);
    if (!number) {
      error = (numeric ? "not a number: '" : "unknown symbol '") + std::string(term) + "'";
      return false;
    }
    value.number |= *number;
    if (bar == word.size()) return true;
    word.remove_prefix(bar + 1);
  }
}

}  // namespace dotkeep::policyc
