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

// How long a failure is remembered is a matter of moments: RFC 9520 wants a second, and of a whole
// second that began before the failure less is left. Eighths of a second of the monotonic clock,
// enough of them for 17 years.
using Ticks = std::uint32_t;
inline constexpr Ticks kTicksPerSecond = 8;
inline constexpr Duration kTick = std::chrono::milliseconds(1000) / kTicksPerSecond;

// A moment, rounded down to either.
class Moment {
 public:
  explicit Moment(Time time)
      : ticks_(std::uint64_t{kSecondsOffset} * kTicksPerSecond +
               static_cast<std::uint64_t>(time.time_since_epoch() / kTick)),
        is_whole_(time.time_since_epoch() % kTick == Duration(0)) {}
  explicit Moment(Seconds seconds) : ticks_(std::uint64_t{seconds} * kTicksPerSecond) {}

  [[nodiscard]] Seconds seconds() const { return static_cast<Seconds>(ticks_ / kTicksPerSecond); }
  [[nodiscard]] Ticks ticks() const { return static_cast<Ticks>(ticks_); }
  // The first tick that is `wait` later at least.
  [[nodiscard]] Ticks after(Seconds wait) const {
    return ticks() + (is_whole_ ? 0 : 1) + wait * kTicksPerSecond;
  }

 private:
  std::uint64_t ticks_;
  bool is_whole_ = true;
};
// The low 32 bits of a moment's ticks are those since the machine's start.
static_assert(kSecondsOffset % (1U << 29) == 0);

[[nodiscard]] inline Time time_of(Ticks ticks) {
  return Time(kTick * std::int64_t{ticks});
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
inline constexpr Seconds kMinFailure = 1;
inline constexpr Seconds kMaxFailure = 30;
// Failures further apart than this have nothing to do with each other.
inline constexpr Seconds kFailureMemory = 60;

// How long the `nth` failure in a row (from 1) is remembered: 1, 2, 4, ... seconds.
[[nodiscard]] constexpr Seconds back_off(unsigned nth) {
  return nth > 5 ? kMaxFailure : kMinFailure << (nth == 0 ? 0 : nth - 1);
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
