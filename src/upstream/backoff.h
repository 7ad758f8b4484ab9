// When an upstream that failed may be tried again.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace dotkeep::upstream {

// 250 ms, doubling to 30 s, each shortened by a random part of up to a quarter, so that many
// proxies that lost the same server do not return to it in step.
class Backoff {
 public:
  // `draw`: any random number.
  void fail(Time now, std::uint64_t draw);
  // It answers again: the next failure starts at the shortest wait.
  void succeed() {
    level_ = 0;
    until_ = Time::min();
  }
  // It can be connected to, but has not answered yet: may be used, yet is not forgiven.
  void connected() { until_ = Time::min(); }

  [[nodiscard]] bool may_try(Time now) const { return now >= until_; }
  [[nodiscard]] Time until() const { return until_; }

 private:
  Time until_ = Time::min();
  std::uint8_t level_ = 0;
};

}  // namespace dotkeep::upstream
