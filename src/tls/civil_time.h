// Seconds since the epoch to dates and back, UTC, proleptic Gregorian, without the C library's time
// zones (whose files a sealed process cannot open).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace dotkeep::tls {

struct CivilTime {
  int year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31
  int hour = 0;
  int minute = 0;
  int second = 0;
};

// Times outside years 0 to 9999 are taken as the nearest end of that range.
[[nodiscard]] CivilTime to_civil(std::int64_t seconds);

// Nothing when a field is out of its range (a leap second included: RFC 5280 dates have none).
[[nodiscard]] std::optional<std::int64_t> from_civil(const CivilTime& civil);

// "2027-01-31".
[[nodiscard]] std::string date_text(std::int64_t seconds);

}  // namespace dotkeep::tls
