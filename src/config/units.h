// Times and sizes as the operator writes them: a whole number and a unit, "250ms", "64MiB".
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/time.h"

namespace dotkeep::config {

// Units: ms, s, m, h, d. The error is the end of a sentence: "is '5'; write ...".
[[nodiscard]] std::expected<Duration, std::string> parse_duration(std::string_view text);
// In the largest unit that divides it; whole milliseconds only. "0s" for none.
[[nodiscard]] std::string duration_text(Duration duration);

// Units: KiB, MiB, GiB; in octets.
[[nodiscard]] std::expected<std::uint64_t, std::string> parse_size(std::string_view text);
// In the largest unit that divides it. "0KiB" for none.
[[nodiscard]] std::string size_text(std::uint64_t octets);

// Decimal digits alone: no sign, no leading zero, no octet left over.
[[nodiscard]] std::expected<std::uint64_t, std::string> parse_decimal(std::string_view text);

}  // namespace dotkeep::config
