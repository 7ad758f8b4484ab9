// How often upstreams are asked without a client that waits: so that refreshing what is popular
// stays a small part of the load, whatever expires together.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.h"

namespace dotkeep::frontend {

class RefreshLimit {
 public:
  // As many in one go, and as many in a second, as an upstream answers without noticing.
  static constexpr int kBurst = 500;
  static constexpr Duration kEvery = std::chrono::milliseconds(2);

  [[nodiscard]] bool allow(Time now) {
    next_ = std::max(next_, now - kEvery * kBurst);
    if (next_ > now) return false;
    next_ += kEvery;
    return true;
  }

 private:
  Time next_ = Time(Duration(0));
};

}  // namespace dotkeep::frontend
