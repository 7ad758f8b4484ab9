// What a frontend counted: one number for each thing that can become of a message.
#pragma once

#include <array>
#include <cstdint>

#include "base/upstream_fault.h"
#include "dns/query.h"
#include "dns/reply.h"

namespace dotkeep::frontend {

struct Counters {
  using Count = std::uint64_t;
  Count udp_queries = 0;
  Count tcp_queries = 0;
  Count answered = 0;          // with what an upstream said
  Count servfail = 0;          // because no usable answer came
  Count asks = 0;              // over the wall, retries included
  Count late_answers = 0;      // for a ticket that was answered or timed out before
  Count not_allowed = 0;       // by access.allow and access.deny
  Count source_port_zero = 0;  // cannot be answered, so forged
  Count pending_full = 0;      // limits.pending
  Count client_full = 0;       // limits.pending_per_client
  Count wall_full = 0;         // the upstream room did not keep up
  Count tcp_refused = 0;       // limits.tcp_clients, limits.tcp_per_client
  Count tcp_oversize = 0;      // a frame longer than any honest query
  Count tcp_slow = 0;          // a message or the reading of answers took too long
  Count unsent = 0;            // datagrams that the kernel did not take
  std::array<Count, dns::kRejectionKinds> rejections{};
  std::array<Count, dns::kReplyFaults> reply_faults{};
  std::array<Count, kUpstreamFaults> upstream_faults{};
};

// One line for each number that is not 0.
void log_counters(const Counters& counters);

}  // namespace dotkeep::frontend
