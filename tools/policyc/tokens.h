// One line of a policy as words, taken from the front.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "policyc/document.h"

namespace dotkeep::policyc {

// Words are separated by spaces; '{', '}' and ',' are words of their own.
class Tokens {
 public:
  explicit Tokens(std::string_view rest) : rest_(rest) {}

  // The next word without taking it; empty at the end.
  [[nodiscard]] std::string_view peek() const;
  std::string_view next();
  // Takes the next word if it is `word`.
  bool accept(std::string_view word);
  [[nodiscard]] bool done() const { return peek().empty(); }

 private:
  std::string_view rest_;
};

// [a-z_][a-z0-9_-]*, at most kMaxName long: rooms, system calls, arguments.
[[nodiscard]] bool is_name(std::string_view word);

// Symbols and numbers (decimal, 0x hexadecimal, a minus before a decimal one) joined by '|'.
// False: `error` says what is wrong.
[[nodiscard]] bool read_value(std::string_view word, Value& value, std::string& error);

// No name of a room, system call, argument or flag is longer.
inline constexpr std::size_t kMaxName = 40;

}  // namespace dotkeep::policyc
