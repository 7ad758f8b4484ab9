#include "config/units.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>

#include "config/problems.h"

namespace dotkeep::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t worth;
};

constexpr std::uint64_t kMillisecond = 1'000'000;  // a Duration counts nanoseconds
// From the largest, so that the first that divides a value is the one to write it in.
constexpr std::array<Unit, 5> kTimes{{{"d", 86'400'000 * kMillisecond},
                                      {"h", 3'600'000 * kMillisecond},
                                      {"m", 60'000 * kMillisecond},
                                      {"s", 1'000 * kMillisecond},
                                      {"ms", kMillisecond}}};
constexpr std::array<Unit, 3> kSizes{{{"GiB", 1U << 30}, {"MiB", 1U << 20}, {"KiB", 1U << 10}}};

constexpr std::uint64_t kMostNumber = std::numeric_limits<std::int64_t>::max();

std::expected<std::uint64_t, std::string> parse(std::string_view text, std::span<const Unit> units,
                                                const std::string& hint) {
  const std::string found = "is " + quoted(text);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view name = text.substr(digits);
  const auto number = parse_decimal(text.substr(0, digits));
  if (digits == 0 || !number) return std::unexpected(found + "; " + hint);
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (*number > kMostNumber / unit.worth) return std::unexpected(found + ", which is too large");
    return *number * unit.worth;
  }
  if (name.empty()) return std::unexpected(found + " without a unit; " + hint);
  return std::unexpected(found + " with the unknown unit " + quoted(name) + "; " + hint);
}

std::string render(std::uint64_t value, std::span<const Unit> units, std::string_view none) {
  if (value == 0) return std::string(none);
  for (const Unit& unit : units) {
    if (value % unit.worth == 0) return std::to_string(value / unit.worth) + std::string(unit.name);
  }
  return std::to_string(value / units.back().worth) + std::string(units.back().name);
}

}  // namespace

std::expected<std::uint64_t, std::string> parse_decimal(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the end goes with it
  const char* const begin = text.data();
  const auto [stop, fault] = std::from_chars(begin, end, value);
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  if (text.empty() || fault != std::errc{} || stop != end || leading_zero) {
    return std::unexpected("is " + quoted(text) + ", not a plain decimal number");
  }
  return value;
}

std::expected<Duration, std::string> parse_duration(std::string_view text) {
  const auto value =
      parse(text, kTimes, "write a whole number and ms, s, m, h or d, such as \"250ms\" or \"5s\"");
  if (!value) return std::unexpected(value.error());
  return Duration(static_cast<Duration::rep>(*value));
}

std::string duration_text(Duration duration) {
  return render(static_cast<std::uint64_t>(duration.count()), kTimes, "0s");
}

std::expected<std::uint64_t, std::string> parse_size(std::string_view text) {
  return parse(text, kSizes, "write a whole number and KiB, MiB or GiB, such as \"64MiB\"");
}

std::string size_text(std::uint64_t octets) {
  return render(octets, kSizes, "0KiB");
}

}  // namespace dotkeep::config
