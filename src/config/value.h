// A TOML document as plain values. The one file that knows the TOML library makes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace dotkeep::config {

struct Value {
  enum class Kind : std::uint8_t { table, array, text, number, boolean, other };

  Kind kind = Kind::other;
  std::uint32_t line = 0;          // 1-based
  std::string text;                // of text
  std::int64_t number = 0;         // of a number; of a boolean 0 or 1
  std::vector<std::string> names;  // of a table: names[i] is the key of items[i]; sorted
  std::vector<Value> items;        // of a table or an array

  // The item of a table under `name`, or null.
  [[nodiscard]] const Value* find(std::string_view name) const;
  // What was found, for a message: "a table", "the number 5", "the text 'x'".
  [[nodiscard]] std::string described() const;
};

// Bounds that keep the TOML library's recursion, in parsing and in freeing, far from the stack's
// end.
inline constexpr std::size_t kMaxDots =
    16;  // in one line outside strings; the deepest key here has one
inline constexpr std::size_t kMaxNesting = 8;  // arrays and inline tables; the deepest here is 3

// The document as a table, or the first error of syntax. Multi-line strings are refused: no key
// here needs one, and without them the bounds can be checked line by line before the library runs.
[[nodiscard]] std::expected<Value, Problem> read_toml(std::string_view text);

}  // namespace dotkeep::config
