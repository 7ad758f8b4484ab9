// How many connections may be opened: at most `kBurst` at once and `kPerSecond` in the long run.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace dotkeep::connector {

class TokenBucket {
 public:
  // Four connections to each of sixteen upstreams at once, at start.
  static constexpr std::int64_t kBurst = 64;
  // Servers that close after every query are served at that pace; a taken upstream room cannot make
  // of us a flood that a server would notice.
  static constexpr std::int64_t kPerSecond = 32;

  // Whether one more may be opened at `now`; then it is counted.
  [[nodiscard]] bool take(Time now) {
    constexpr Duration kEach = Duration(std::chrono::seconds(1)) / kPerSecond;
    const Time full = now - kEach * (kBurst - 1);  // where `spent_` stands when all are there
    spent_ = std::max(spent_, full);
    if (spent_ > now) return false;
    spent_ += kEach;
    return true;
  }

 private:
  Time spent_ = Time::min();  // the bucket as one time: it is empty when this is beyond now
};

}  // namespace dotkeep::connector
