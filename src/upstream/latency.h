// How long an upstream usually takes: an exponentially weighted mean of what was seen.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace dotkeep::upstream {

class Latency {
 public:
  // One answer that took `took`. A sample weighs an eighth, as in TCP's smoothed round trip (RFC
  // 6298): a change shows after about ten answers, one slow name moves little.
  void observe(Duration took) {
    mean_ = known() ? mean_ + (took - mean_) / 8 : std::max(took, Duration{1});
  }
  // A first guess, before any answer.
  void guess(Duration took) {
    if (!known()) mean_ = std::max(took, Duration{1});
  }
  // It was silent for this long: not faster than that until answers say so.
  void at_least(Duration took) { mean_ = std::max(mean_, took); }

  [[nodiscard]] bool known() const { return mean_ != Duration{}; }
  // Zero when unknown.
  [[nodiscard]] Duration mean() const { return mean_; }

 private:
  Duration mean_{};
};

}  // namespace dotkeep::upstream
