// Whether more comes in through a socket than is taken out of it. The time that messages have
// waited says so, as in CoDel (RFC 8289): a burst waits, and is gone; a standing queue makes
// everybody wait until it is full, and then loses whoever comes.
#pragma once

#include "base/time.h"

namespace dotkeep::frontend {

class Backlog {
 public:
  // The oldest message in the queue has waited so long.
  void saw(Duration waited, Time now) {
    if (waited < kShort) {
      long_since_ = Time::max();
      stands_ = false;
      return;
    }
    if (long_since_ == Time::max()) long_since_ = now;
    // Once it stood it is not given the time to grow again.
    stands_ = now - long_since_ >= kBurst || now < alert_until_;
    if (stands_) alert_until_ = now + kAlert;
  }
  [[nodiscard]] bool stands() const { return stands_; }

 private:
  // What nobody notices beside an upstream's time, and some 1,500 messages: more than whoever waits
  // for answers before it asks again has in it.
  static constexpr Duration kShort = std::chrono::milliseconds(10);
  // What came while a frontend did not have the processor is answered by then: some 5,000 messages.
  static constexpr Duration kBurst = std::chrono::milliseconds(20);
  static constexpr Duration kAlert = std::chrono::seconds(10);  // attackers pause, too

  Time long_since_ = Time::max();
  Time alert_until_ = Time::min();
  bool stands_ = false;
};

}  // namespace dotkeep::frontend
