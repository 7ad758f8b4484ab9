// The prefixes of clients that are refused most (Space-Saving, Metwally, Agrawal and El Abbadi,
// 2005): any prefix that had more than 1/32 of all refusals is in it. Written into the counter
// page, where another process reads it.
#pragma once

#include "base/ip_address.h"
#include "ipc/counter_page.h"

namespace dotkeep::frontend {

class RefusedSketch {
 public:
  explicit RefusedSketch(ipc::CounterPage& page);

  // One refusal of a client, under its /24 or /48. Cost: a walk over 32 entries.
  void count(const IpAddress& client);

 private:
  static constexpr std::uint8_t kPrefix4 = 24;
  static constexpr std::uint8_t kPrefix6 = 48;
  ipc::CounterPage* page_;
};

}  // namespace dotkeep::frontend
