// One value: from the document into its slot, and from its slot into text.
#pragma once

#include <string>
#include <string_view>

#include "config/key.h"
#include "config/problems.h"
#include "config/value.h"

namespace dotkeep::config {

// Puts `value` into the slot, or says at `path` what is wrong with it; a list keeps its good items.
void read_slot(const Row& row, const Value& value, const std::string& path, Problems& problems);

// The slot's value as the right side of a TOML assignment; lists of several have one item a line.
[[nodiscard]] std::string slot_text(const Row& row);

// What kind of value stands there, for messages and the manual: "a time such as \"5s\"".
[[nodiscard]] std::string kind_text(const Row& row);

// "" when `number`, counted as Bounds are, is allowed; otherwise what is allowed and why.
[[nodiscard]] std::string bound_text(const Row& row, std::uint64_t number);

// The bounds in the slot's unit: "from 100ms to 1m".
[[nodiscard]] std::string range_text(const Row& row);

// `text` as a TOML basic string.
[[nodiscard]] std::string toml_quoted(std::string_view text);

}  // namespace dotkeep::config
