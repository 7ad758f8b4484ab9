// One upstream as the pool sees it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/upstream_fault.h"
#include "upstream/backoff.h"
#include "upstream/counts.h"
#include "upstream/latency.h"
#include "upstream/limits.h"
#include "upstream/outside.h"
#include "upstream/queries.h"

namespace dotkeep::upstream {

struct Server {
  enum class State : std::uint8_t { unknown, up, down };

  State state = State::unknown;
  bool slow = false;                                 // up, but it usually takes long
  UpstreamFault fault = UpstreamFault::no_upstream;  // why it is down, or was last
  Time since = Time::min();                          // when it became what it is, slow or not
  Backoff backoff;
  Latency latency;
  QueryList waiting;          // for a connection
  LinkNumber opening = 0;     // the connection being opened; one at a time
  std::uint8_t silences = 0;  // connections condemned since its last answer
  std::uint8_t count = 0;
  std::array<std::uint8_t, kMaxConnections>
      links{};  // the first `count`: places of its connections
  Time last_used = Time::min();
  Time last_opened = Time::min();
  Time failed_at = Time::min();
  Time fell_at = Time::min();       // when it went down after it had been up
  Time not_before = Time::min();    // the connector's rate bound
  std::int64_t leaf_not_after = 0;  // of the last handshake; seconds since the epoch
  std::uint8_t pin = 0;             // that matched then, from 1 on; 0: none
  std::uint16_t weight = 1;
  std::uint8_t tier = 0;  // by priority; the lowest that has one that is not down is asked
  ServerCounts counts;

  [[nodiscard]] bool may_open(Time now) const {
    return opening == 0 && count < kMaxConnections && backoff.may_try(now) && now >= not_before;
  }

  // Down for want of a network or of a process that listens: then only trying tells. Who did not
  // prove itself, or broke the protocol, is left alone until the back-off ends.
  [[nodiscard]] bool unreachable() const {
    switch (fault) {
      case UpstreamFault::time_out:
      case UpstreamFault::refused:
      case UpstreamFault::unreachable:
      case UpstreamFault::connect_time_out:
      case UpstreamFault::connect_failed:
      case UpstreamFault::tls_time_out:
        return state == State::down;
      default:
        return false;
    }
  }
  // Down for want of somebody who listens, and not for long.
  [[nodiscard]] bool may_be_restarting(Time now) const {
    return unreachable() && fell_at != Time::min() && now - fell_at < kRestartPatience;
  }
  // When a query that nobody else can answer is reason enough for the next attempt.
  [[nodiscard]] Time next_attempt() const {
    const Time after =
        unreachable() ? std::min(backoff.until(), last_opened + kLastResort) : backoff.until();
    return std::max(after, not_before);
  }
  [[nodiscard]] bool may_open_at_last(Time now) const {
    return unreachable() && count < kMaxConnections && now >= not_before &&
           now >= last_opened + kLastResort;
  }

  // Whether others go before it while it has no connection: it fell silent and has answered nothing
  // since, or its handshake takes too long.
  [[nodiscard]] bool is_doubtful(Time now) const {
    return silences != 0 || (opening != 0 && now - last_opened >= kOpeningPatience);
  }

  void add_link(std::uint8_t place) { links[count++] = place; }
  void remove_link(std::uint8_t place) {
    for (std::uint8_t i = 0; i < count; ++i) {
      if (links[i] != place) continue;
      links[i] = links[--count];
      return;
    }
  }
};

}  // namespace dotkeep::upstream
