// How long what is kept may be used: every number that is about time, with its reason.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace dotkeep::cache {

// Whole seconds of the monotonic clock. The offset lets a moment before the machine's start have a
// number: what comes from a file may be older than that.
using Seconds = std::uint32_t;
inline constexpr Seconds kSecondsOffset = 1U << 30;

// Rounded down. What is stored at 10.9 s with a TTL of 1 is gone at 11.0 s: early, never late.
[[nodiscard]] inline Seconds seconds_of(Time now) {
  return kSecondsOffset +
         static_cast<Seconds>(
             std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
}

// From the configuration.
struct Limits {
  Seconds min_ttl = 0;
  Seconds max_ttl = 86400;
  Seconds stale = 86400;
};

// RFC 2308 section 5: one to three hours have been found to work well.
inline constexpr Seconds kMaxNegative = 3600;
// The TTL of stale records (RFC 8767 section 4).
inline constexpr Seconds kStaleTtl = 30;
// A client that has waited this long for an answer gets a stale one (RFC 8767 section 5).
inline constexpr Duration kStalePatience = std::chrono::milliseconds(1800);
// RFC 9520 section 3.2: a failure is remembered for a second at least, and not for long.
inline constexpr Seconds kMaxFailure = 30;
// Failures further apart than this have nothing to do with each other.
inline constexpr Seconds kFailureMemory = 60;

// How long the `nth` failure in a row (from 1) is remembered: 1, 2, 4, ... seconds.
[[nodiscard]] constexpr Seconds back_off(unsigned nth) {
  return nth > 5 ? kMaxFailure : std::min<Seconds>(Seconds{1} << (nth == 0 ? 0 : nth - 1), 30);
}

// Refreshed ahead of time is what was asked for this often since it was stored, and lives this long
// at least: a tenth of less is over before the answer comes.
inline constexpr std::uint8_t kPopular = 3;
inline constexpr Seconds kWorthRefreshing = 10;

// Whether `now` is in the last tenth of the time from `stored` to `expires`.
[[nodiscard]] constexpr bool in_last_tenth(Seconds stored, Seconds expires, Seconds now) {
  return now < expires && expires - now <= (expires - stored) / 10;
}

}  // namespace dotkeep::cache
