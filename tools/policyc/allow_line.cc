#include "policyc/allow_line.h"

#include <algorithm>

#include "policyc/parse.h"
#include "policyc/syscalls.h"

namespace dotkeep::policyc {
namespace {

std::string quoted(std::string_view before, std::string_view word) {
  std::string text(before);
  text += " '";
  text += word;
  text += '\'';
  return text;
}

// Whether `value` can be what an argument of that width holds, and `error` if not.
bool fits(const Value& value, Width width, std::string& error) {
  const auto as_signed = static_cast<std::int64_t>(value.number);
  if (width == Width::pointer && value.number != 0) {
    error = "a pointer can only be compared with 0: a filter cannot see what it points to";
    return false;
  }
  if (width == Width::bits32 && (as_signed < INT32_MIN || as_signed > UINT32_MAX)) {
    error = quoted("more than 32 bits in", value.text);
    return false;
  }
  return true;
}

bool read_fitting(Tokens& tokens, Width width, Value& value, std::string& error) {
  return read_value(tokens.next(), value, error) && fits(value, width, error);
}

bool read_set(Tokens& tokens, Width width, Condition& condition, std::string& error) {
  if (!tokens.accept("{")) {
    error = "'in' wants {VALUE, VALUE}";
    return false;
  }
  do {
    if (condition.values.size() == kMaxSet) {
      error = "too many values in one set";
      return false;
    }
    Value value;
    if (!read_fitting(tokens, width, value, error)) return false;
    if (std::ranges::find(condition.values, value) != condition.values.end()) {
      error = quoted("twice in one set:", value.text);
      return false;
    }
    condition.values.push_back(std::move(value));
  } while (tokens.accept(","));
  if (!tokens.accept("}")) {
    error = "a set ends with '}'";
    return false;
  }
  return true;
}

bool read_masked(Tokens& tokens, Width width, Condition& condition, std::string& error) {
  if (!read_fitting(tokens, width, condition.mask, error)) return false;
  if (!tokens.accept("==")) {
    error = "'& MASK' wants == VALUE after it";
    return false;
  }
  Value& value = condition.values.emplace_back();
  if (!read_fitting(tokens, width, value, error)) return false;
  if (condition.mask.number == 0 || (value.number & ~condition.mask.number) != 0) {
    error = quoted("never true or always: no value under that mask is", value.text);
    return false;
  }
  return true;
}

// The width of `argument` in every system call of the line; they must agree.
bool find_width(const Allow& allow, std::string_view argument, Width& width, std::string& error) {
  for (const std::string& name : allow.names) {
    const Syscall* const syscall = find_syscall(name);
    const auto at = find_argument(*syscall, argument);
    if (!at) {
      error = quoted(name + " has no argument", argument);
      return false;
    }
    const Width its = syscall->arguments[*at].width;
    if (width != Width::none && width != its) {
      error = quoted("of different width in these calls:", argument);
      return false;
    }
    width = its;
  }
  return true;
}

bool read_condition(Tokens& tokens, Allow& allow, std::string& error) {
  Condition condition;
  condition.argument = tokens.next();
  Width width = Width::none;
  if (!find_width(allow, condition.argument, width, error)) return false;
  for (const Condition& other : allow.conditions) {
    if (other.argument == condition.argument) {
      error = quoted("one line may look once at", condition.argument);
      return false;
    }
  }
  bool good = false;
  if (tokens.accept("in")) {
    condition.op = Operator::one_of;
    good = read_set(tokens, width, condition, error);
  } else if (tokens.accept("&")) {
    condition.op = Operator::masked;
    good = read_masked(tokens, width, condition, error);
  } else if (tokens.peek() == "==" || tokens.peek() == "within") {
    condition.op = tokens.next() == "==" ? Operator::equals : Operator::within;
    good = read_fitting(tokens, width, condition.values.emplace_back(), error);
  } else {
    error = quoted("not an operator (==, in, & MASK ==, within):", tokens.peek());
  }
  if (good) allow.conditions.push_back(std::move(condition));
  return good;
}

bool read_names(Tokens& tokens, Allow& allow, std::string& error) {
  do {
    const std::string_view name = tokens.next();
    if (find_syscall(name) == nullptr) {
      error = quoted("unknown system call", name);
      return false;
    }
    if (allow.names.size() == kMaxAlternatives ||
        std::ranges::find(allow.names, name) != allow.names.end()) {
      error = quoted("too many names, or twice in one line:", name);
      return false;
    }
    allow.names.emplace_back(name);
  } while (tokens.accept("or"));
  return true;
}

}  // namespace

bool read_allow(Tokens& tokens, Allow& allow, std::string& error) {
  if (!read_names(tokens, allow, error)) return false;
  allow.where_present = tokens.accept("where-present");
  if (tokens.accept("where")) {
    do {
      if (!read_condition(tokens, allow, error)) return false;
    } while (tokens.accept("and"));
  }
  if (tokens.done()) return true;
  error = quoted("unexpected", tokens.peek());
  return false;
}

}  // namespace dotkeep::policyc
