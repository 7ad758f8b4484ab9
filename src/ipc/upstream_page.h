// What the upstream room knows of each server, in memory that it alone writes and that the control
// room reads while it runs: made by the supervisor, mapped before the seal. Its counters name
// themselves; a number never goes back, not when the room is started again either.
//
// A reader takes numbers with relaxed atomic loads, and copies a page between two equal even values
// of `version`, which is odd while rows change places.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace dotkeep::ipc {

inline constexpr std::size_t kMaxServers = 64;         // config::kMaxUpstreams
inline constexpr std::size_t kMaxServerCounters = 96;  // a static_assert in upstream/counts.cc
inline constexpr std::size_t kServerText = 64;         // ids have 63 at most, addresses fewer
inline constexpr std::size_t kServerCounterName = 56;

struct ServerRow {
  std::array<char, kServerText> id;  // zeros behind it, as in all texts here
  std::array<char, kServerText> address;
  std::uint64_t state;        // 0: not tried yet, 1: up, 2: down, 3: up, but slow
  std::uint64_t since_ns;     // when it became so, by the monotonic clock; 0: not known
  std::uint64_t fault;        // an UpstreamFault: why it is down
  std::uint64_t latency_us;   // how long it usually takes; 0: not known
  std::uint64_t connections;  // open or opening
  std::uint64_t not_after;    // when its certificate expires, seconds since the epoch; 0: not known
  std::uint64_t pin;          // which configured pin matched, from 1 on; 0: none
  std::array<std::uint64_t, kMaxServerCounters> values;
};

struct UpstreamPage {
  static constexpr std::uint64_t kMagic = 0x3372'7673'6b64'0000;  // "\0\0dksvr3"
  std::uint64_t magic;                                            // set when all the rest is there
  std::atomic<std::uint64_t> version;
  std::uint64_t count;  // of `names` and of each row's `values`
  std::uint64_t rows;
  std::array<std::array<char, kServerCounterName>, kMaxServerCounters> names;  // "what.kind"
  std::array<ServerRow, kMaxServers> servers;
};

}  // namespace dotkeep::ipc
