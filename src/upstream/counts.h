// What is counted of one server. A new number is a field here and a line in for_each_count.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/upstream_fault.h"

namespace dotkeep::upstream {

// Nothing but numbers of 64 bits: a row of an upstream page (ipc/upstream_page.h) holds them as
// they lie here.
struct ServerCounts {
  using Count = std::uint64_t;
  Count queries = 0;  // that left, retries included
  Count answers = 0;  // in time
  Count handshakes_full = 0;
  Count handshakes_resumed = 0;
  Count unpinned = 0;  // handshakes without a pin that matched, where pin_mode is "report"
  std::array<Count, kUpstreamFaults> opening_failed{};  // connecting, handshake
  std::array<Count, kUpstreamFaults> lost{};            // established connections
};

// Calls back for each number, in the order in which they lie, as frontend/counters.h does.
void for_each_count(
    const ServerCounts& counts,
    const std::function<void(std::string_view what, std::string_view kind, std::uint64_t)>& call);

}  // namespace dotkeep::upstream
