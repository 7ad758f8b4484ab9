// Why a message was refused. Every value has a counter for each transport, a row in docs/errors.md
// and a test; the order is that in which decide() asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dotkeep::admission {

enum class Reason : std::uint8_t {
  // Who.
  source_port_zero,  // nobody can be answered there, so it is forged
  own_address,       // "from" a socket of ours: an answer would be our own next query
  not_allowed,       // access.allow and access.deny
  // How fast.
  overload,         // the socket's queue stands, and the source has proven nothing lately
  client_rate,      // limits.rate, limits.burst
  error_rate,       // limits.error_rate: answers that were errors
  network_rate,     // limits.aggregate
  cookie_required,  // a flood lasts, and nothing proves this source
  // What.
  special_name,  // answered here
  // After the cache had nothing.
  suffix_rate,    // limits.suffix_rate: names of this zone that do not exist
  unproven_rate,  // limits.unproven_rate: so many questions of sources that may be forged
  unproven_full,  // half of limits.pending, for sources that may be forged
  waiters_full,   // so many clients for one question
  client_full,    // limits.pending_per_client
  pending_full,   // limits.pending
  tcp_full,       // limits.tcp_clients, limits.tcp_per_client
  rebinding,      // names.rebinding: a private address in a public answer
};
inline constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::rebinding) + 1;

// The identifier used in logs, counters and docs, e.g. "client_rate".
[[nodiscard]] constexpr std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::source_port_zero:
      return "source_port_zero";
    case Reason::own_address:
      return "own_address";
    case Reason::not_allowed:
      return "not_allowed";
    case Reason::overload:
      return "overload";
    case Reason::client_rate:
      return "client_rate";
    case Reason::error_rate:
      return "error_rate";
    case Reason::network_rate:
      return "network_rate";
    case Reason::cookie_required:
      return "cookie_required";
    case Reason::special_name:
      return "special_name";
    case Reason::suffix_rate:
      return "suffix_rate";
    case Reason::unproven_rate:
      return "unproven_rate";
    case Reason::unproven_full:
      return "unproven_full";
    case Reason::waiters_full:
      return "waiters_full";
    case Reason::client_full:
      return "client_full";
    case Reason::pending_full:
      return "pending_full";
    case Reason::tcp_full:
      return "tcp_full";
    case Reason::rebinding:
      return "rebinding";
  }
  return "unknown";
}

}  // namespace dotkeep::admission
