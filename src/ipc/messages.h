// What one process may say to another: one variant per direction, an explicit codec (codec.h) and a
// fuzz target (fuzz/wall.cc). Octets in a decoded message view the record they came in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/bytes.h"
#include "base/upstream_fault.h"

namespace dotkeep::ipc {

// A query in flight, named by the frontend that asked; unique on its wall while the query is
// pending.
using Ticket = std::uint32_t;

// --- frontend -> upstream

// Carry `query` to one of `upstreams` (bit i: Config::upstreams[i] of the configuration whose
// upstreams have the mark `table`); answer within `timeout_ms`.
struct Ask {
  Ticket ticket = 0;
  std::uint64_t upstreams = 0;   // never 0
  std::uint32_t timeout_ms = 0;  // at most kMaxTimeoutMs
  std::uint16_t padding_at = 0;  // where the query's padding option begins
  Octets query;  // kMinQuery..kMaxQuery octets; the first two (the id) are ours to set
  std::uint32_t table =
      0;  // config::upstream_mark(): at a reload the two rooms differ for a moment
};

// The reply on `connection` told how long the server keeps an idle connection (RFC 7828).
struct IdleTime {
  std::uint32_t connection = 0;
  std::uint16_t units_of_100_ms = 0;
};

using FrontendToUpstream = std::variant<Ask, IdleTime>;

// --- upstream -> frontend

// What upstream number `upstream` answered, unread but for its framing and id; the id is as in the
// Ask.
struct Answer {
  Ticket ticket = 0;
  std::uint8_t upstream = 0;
  std::uint32_t connection = 0;
  Octets reply;  // kMinReply..65535 octets
};

// Nothing will come for this ticket.
struct Failure {
  Ticket ticket = 0;
  std::uint8_t upstream = kNoUpstream;  // the one that `fault` is about
  UpstreamFault fault = UpstreamFault::time_out;
  static constexpr std::uint8_t kNoUpstream = 255;
};

using UpstreamToFrontend = std::variant<Answer, Failure>;

// --- upstream -> connector

// Open a connection to upstream number `upstream`.
struct Connect {
  std::uint32_t request = 0;
  std::uint8_t upstream = 0;
};
using UpstreamToConnector = std::variant<Connect>;

// --- connector -> upstream

// The descriptor that comes with this record is connecting, or connected, to what `request` named.
struct Connecting {
  std::uint32_t request = 0;
};
// No connection for `request`; `error` is an errno, or 0 when the connector's own rate bound said
// no.
struct NotConnecting {
  std::uint32_t request = 0;
  std::uint32_t error = 0;
};
// An address, a route or a link of this machine changed: connections may be dead, and who could not
// be reached may be reachable. Not what changed.
struct NetworkChanged {};
using ConnectorToUpstream = std::variant<Connecting, NotConnecting, NetworkChanged>;

// --- control -> frontend

// Forget what is kept of `name`.
struct Flush {
  enum class Scope : std::uint8_t { all, name, suffix };
  std::uint32_t request = 0;
  Scope scope = Scope::all;
  Octets name;  // as the operator wrote it, at most kMaxFlushName octets; empty for `all`
};
using ControlToFrontend = std::variant<Flush>;

// --- frontend -> control

struct Flushed {
  std::uint32_t request = 0;
  bool understood = true;  // false: `name` is no domain name
  std::uint64_t entries = 0;
};
using FrontendToControl = std::variant<Flushed>;

// --- supervisor -> any worker; one way: the supervisor's end cannot be read

// The descriptor that comes with this record is the new wall number `wall`: its old peer is gone.
struct NewWall {
  std::uint16_t wall = 0;
};
// The descriptor that comes with this record is a sealed memfd with the new configuration; for the
// upstream room a second one, the CA file, comes along.
struct NewConfig {};
// Take nothing new, finish what is in flight, then exit.
struct Drain {};
// Nothing to do but to have read this: a worker that reads no order for long hangs.
struct Ping {};
using Order = std::variant<NewWall, NewConfig, Drain, Ping>;

inline constexpr std::uint32_t kMaxTimeoutMs = 60'000;  // config's upper bound for query.timeout
inline constexpr std::size_t kMinQuery = 17;            // header and the shortest question
inline constexpr std::size_t kMaxQuery = 384;  // longest name, OPT and padding to a block of 128
inline constexpr std::size_t kMaxFlushName = 1023;  // 255 octets, each as \DDD, and dots
inline constexpr std::size_t kMinReply = 12;        // a header
inline constexpr std::size_t kMaxReply = 65535;

// One record holds a loop turn's messages. It must hold the largest single message, and fit the
// kernel's default socket buffer (net.core.wmem_default, 212,992) beside another one.
inline constexpr std::size_t kMaxRecord = std::size_t{96} * 1024;
// More descriptors with one record than any message asks for is a breach.
inline constexpr std::size_t kMaxPassed = 2;

}  // namespace dotkeep::ipc
