// The generic cell rate algorithm: a token bucket in one number, the theoretical arrival time
// (TAT). Pure arithmetic; one packet more than `burst + rate * t` is never let through in any
// window of t.
//
// Time is counted in ticks of 16 ns modulo 2^52 (2.3 years), so that twelve bits of a 64-bit word
// are left to say whose it is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace dotkeep::admission {

inline constexpr unsigned kTickShift = 4;
inline constexpr unsigned kTatBits = 52;
inline constexpr std::uint64_t kTatMask = (std::uint64_t{1} << kTatBits) - 1;
// A TAT lies at most a burst's time ahead of now. What is further ahead is in truth behind: the
// largest burst at the smallest rate is 2^46 ticks.
inline constexpr std::uint64_t kMaxAhead = std::uint64_t{1} << 47;
inline constexpr std::uint64_t kTicksPerSecond = 1'000'000'000 >> kTickShift;

[[nodiscard]] inline std::uint64_t ticks(Time now) {
  return static_cast<std::uint64_t>(now.time_since_epoch().count()) >> kTickShift & kTatMask;
}

// How far a TAT lies ahead of `now`; 0 for one that is past, and then the bucket is full.
[[nodiscard]] constexpr std::uint64_t ahead_of(std::uint64_t tat, std::uint64_t now) {
  const std::uint64_t ahead = (tat - now) & kTatMask;
  return ahead > kMaxAhead ? 0 : ahead;
}

struct Gcra {
  std::uint64_t interval = 0;   // between two packets at the rate, rounded up
  std::uint64_t tolerance = 0;  // how early a packet may come: (burst - 1) intervals

  [[nodiscard]] static constexpr Gcra of(std::uint64_t rate, std::uint64_t burst) {
    const std::uint64_t interval = std::max<std::uint64_t>((kTicksPerSecond + rate - 1) / rate, 1);
    return {interval, std::min((burst - 1) * interval, kMaxAhead - interval)};
  }

  [[nodiscard]] constexpr bool conforms(std::uint64_t tat, std::uint64_t now) const {
    return ahead_of(tat, now) <= tolerance;
  }
  // The TAT after one more packet.
  [[nodiscard]] constexpr std::uint64_t after(std::uint64_t tat, std::uint64_t now) const {
    return (now + ahead_of(tat, now) + interval) & kTatMask;
  }
};

}  // namespace dotkeep::admission
