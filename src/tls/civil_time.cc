#include "tls/civil_time.h"

#include <algorithm>
#include <chrono>

namespace dotkeep::tls {

namespace {

constexpr std::int64_t kFirst = -62167219200;  // 0000-01-01
constexpr std::int64_t kLast = 253402300799;   // 9999-12-31 23:59:59

void append_digits(std::string& out, int value, int count) {
  for (int divisor = count == 4 ? 1000 : 10; divisor > 0; divisor /= 10) {
    out.push_back(static_cast<char>('0' + value / divisor % 10));
  }
}

}  // namespace

CivilTime to_civil(std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds{std::clamp(seconds, kFirst, kLast)}};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss clock{time - midnight};
  CivilTime civil;
  civil.year = static_cast<int>(date.year());
  civil.month = static_cast<int>(static_cast<unsigned>(date.month()));
  civil.day = static_cast<int>(static_cast<unsigned>(date.day()));
  civil.hour = static_cast<int>(clock.hours().count());
  civil.minute = static_cast<int>(clock.minutes().count());
  civil.second = static_cast<int>(clock.seconds().count());
  return civil;
}

std::optional<std::int64_t> from_civil(const CivilTime& civil) {
  if (civil.year < 0 || civil.year > 9999 || civil.month < 1 || civil.month > 12 || civil.day < 1 ||
      civil.day > 31 || civil.hour < 0 || civil.hour > 23 || civil.minute < 0 ||
      civil.minute > 59 || civil.second < 0 || civil.second > 59) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{civil.year},
                                         std::chrono::month{static_cast<unsigned>(civil.month)},
                                         std::chrono::day{static_cast<unsigned>(civil.day)}};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  const int in_day = (civil.hour * 60 + civil.minute) * 60 + civil.second;
  return std::int64_t{days} * 86400 + in_day;
}

std::string date_text(std::int64_t seconds) {
  const CivilTime civil = to_civil(seconds);
  std::string text;
  append_digits(text, civil.year, 4);
  text.push_back('-');
  append_digits(text, civil.month, 2);
  text.push_back('-');
  append_digits(text, civil.day, 2);
  return text;
}

}  // namespace dotkeep::tls
