// Which of several usable upstreams gets a query. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "base/time.h"
#include "config/config.h"

namespace dotkeep::upstream {

struct Candidate {
  std::uint8_t server = 0;  // its number in the configuration
  Duration latency{};       // zero: not known yet
  std::uint16_t weight = 1;
};

// What the configuration says of an upstream beside who it is.
struct Standing {
  std::uint16_t weight = 1;   // its share, in all but `ordered`
  std::uint8_t priority = 1;  // the lowest first
};

// One in this many choices of `fastest` looks at a random candidate, so that one that became faster
// is found out.
inline constexpr std::uint64_t kExploreOneIn = 64;

// The index in `candidates` (not empty, ascending by number). `draw` is any random number, for
// `hash` and `spread` one that belongs to the name; `last` the number chosen before (for
// round_robin).
[[nodiscard]] std::size_t choose(config::Select select, std::span<const Candidate> candidates,
                                 std::uint8_t last, std::uint64_t draw);

}  // namespace dotkeep::upstream
