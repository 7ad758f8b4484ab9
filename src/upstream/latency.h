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
    most_ = most_ == Duration{} ? 2 * std::max(took, Duration{1})
            : took > most_      ? most_ + most_ / 16
                                : most_ - most_ / kFall;
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
  // About what 19 of 20 answers do not exceed; zero before any answer.
  [[nodiscard]] Duration most() const { return most_; }

 private:
  // Where one answer in 20 is above, 19 small steps down weigh as much as one up.
  static constexpr int kFall = 16 * 19;

  Duration mean_{};
  Duration most_{};
};

}  // namespace dotkeep::upstream
