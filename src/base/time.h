// Time is a parameter: everything that decides takes `now`; only the event loop asks the clock.
#pragma once

#include <chrono>

namespace dotkeep {

using Duration = std::chrono::nanoseconds;
// Monotonic; a changed wall clock moves nothing.
using Time = std::chrono::time_point<std::chrono::steady_clock, Duration>;

inline Time monotonic_now() {
  return std::chrono::steady_clock::now();
}

}  // namespace dotkeep
