// How long one frontend that takes nothing may keep the others waiting.
#pragma once

#include "base/time.h"
#include "upstream/limits.h"

namespace dotkeep::upstream {

class Patience {
 public:
  // Whether a frontend that has no room (`full`) is to be waited for. One that had none for
  // kPatience is stuck, or taken: its answers are dropped, and its own deadlines tell its clients,
  // until it has room again.
  [[nodiscard]] bool must_wait(bool full, Time now) {
    if (!full) {
      full_since_ = Time::max();
      return false;
    }
    if (full_since_ == Time::max()) full_since_ = now;
    return now - full_since_ < kPatience;
  }

 private:
  Time full_since_ = Time::max();
};

}  // namespace dotkeep::upstream
