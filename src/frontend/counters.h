// What a frontend counted: one number for each thing that can become of a message.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "admission/reason.h"
#include "base/upstream_fault.h"
#include "dns/query.h"
#include "dns/reply.h"
#include "ipc/counter_page.h"

namespace dotkeep::frontend {

// Nothing but numbers of 64 bits: a counter page (ipc/counter_page.h) holds them as they lie here.
struct Counters {
  using Count = std::uint64_t;
  Count udp_queries = 0;
  Count tcp_queries = 0;
  Count answered = 0;      // with what an upstream said
  Count servfail = 0;      // because no usable answer came
  Count asks = 0;          // over the wall, retries included
  Count late_answers = 0;  // for a ticket that was answered or timed out before
  Count wall_full = 0;     // the upstream room did not keep up
  Count cache_fresh = 0;   // answered from the cache
  Count cache_failed = 0;  // with a failure that was remembered
  Count cache_stale = 0;   // with an answer past its time
  Count cache_missed = 0;  // not answered from the cache at once
  Count cache_stored = 0;
  Count cache_refreshed = 0;  // asked for anew behind an answer
  // These three are what is so now, a moment ago at most.
  Count cache_entries = 0;
  Count cache_octets_used = 0;
  Count cache_octets_all = 0;
  Count coalesced = 0;     // waited for the answer to the same question of another
  Count paced = 0;         // held back for a moment, so that a client gets no burst
  Count verified = 0;      // queries over UDP with a server cookie of ours
  Count tcp_accepted = 0;  // connections
  Count tcp_evicted = 0;   // an idle connection gave way to a new one
  Count tcp_oversize = 0;  // a frame longer than any honest query
  Count tcp_slow = 0;      // a message or the reading of answers took too long
  Count cut = 0;           // answers too large for a link on their way: sent as TC=1
  Count unsent = 0;        // datagrams that the kernel did not take
  // Refusals of admission by transport (dns::Transport) and reason.
  std::array<std::array<Count, admission::kReasons>, 2> refused{};
  std::array<Count, dns::kRejectionKinds> rejections{};
  std::array<Count, dns::kReplyFaults> reply_faults{};
  std::array<Count, kUpstreamFaults> upstream_faults{};

  void refuse(dns::Transport transport, admission::Reason reason) {
    ++refused[static_cast<std::size_t>(transport)][static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] Count refusals(admission::Reason reason) const {
    return refused[0][static_cast<std::size_t>(reason)] +
           refused[1][static_cast<std::size_t>(reason)];
  }
};

// Calls back for each number, in the order in which they lie: what was counted, of which kind (may
// be empty), and how often.
void for_each_counter(
    const Counters& counters,
    const std::function<void(std::string_view what, std::string_view kind, std::uint64_t)>& call);

// The counters of a page, which get their names there if they have none yet.
[[nodiscard]] Counters& counters_of(ipc::CounterPage& page);

// One line for each number that is not 0.
void log_counters(const Counters& counters);

}  // namespace dotkeep::frontend
