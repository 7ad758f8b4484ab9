// How long a worker that died stays down before it is started again.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace dotkeep::supervisor {

class Backoff {
 public:
  // A process that lived this long was well; its death starts the count anew.
  static constexpr Duration kLongLife = std::chrono::seconds(10);
  // So many quick deaths in a row cost no wait: clients feel every one of them.
  static constexpr std::uint32_t kFree = 3;
  static constexpr Duration kFirst = std::chrono::milliseconds(50);
  static constexpr Duration kMost = std::chrono::seconds(10);
  // From here on the log says that it goes on.
  static constexpr std::uint32_t kTold = 10;

  // A process that lived `lived` died: how long to wait.
  Duration after_death(Duration lived) {
    deaths_ = lived >= kLongLife ? 1 : deaths_ + 1;
    if (deaths_ <= kFree) return Duration::zero();
    Duration wait = kFirst;
    for (std::uint32_t i = kFree + 1; i < deaths_ && wait < kMost; ++i) wait *= 2;
    return wait < kMost ? wait : kMost;
  }
  [[nodiscard]] std::uint32_t quick_deaths() const { return deaths_; }

 private:
  std::uint32_t deaths_ = 0;
};

}  // namespace dotkeep::supervisor
