// What a frontend counts, in memory that it alone writes and that any process with the descriptor
// can read while it runs: a memfd for each frontend, made by the supervisor, mapped before the
// seal. It names its numbers itself, so a reader needs nothing of the frontend's but this file. It
// outlives a frontend: a number never goes back.
//
// Everything is little-endian as the machine has it. A reader takes numbers with relaxed atomic
// loads; of two numbers one may be older than the other. Of `refused` it copies an entry between
// two equal even values of `refused_version`, and gives up after a few tries.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace dotkeep::ipc {

inline constexpr std::size_t kMaxCounters =
    384;  // a static_assert in frontend/counters.cc holds it
inline constexpr std::size_t kCounterName =
    56;  // the longest is "upstream_fault.closed_in_handshake"
// Prefixes of clients that were refused most, as a Space-Saving sketch keeps them.
inline constexpr std::size_t kRefusedPrefixes = 32;

// Listeners that have counts of their own; what there is beyond them shares the last one's. Bounds
// what a scraper is given.
inline constexpr std::size_t kCountedListeners = 32;
inline constexpr std::size_t kListenerName = 56;  // "[", 45 octets of IPv6, "]:65535"
// What can become of a message or a connection at the door; a static_assert in frontend/ledger.cc.
inline constexpr std::size_t kMaxVerdicts = 48;
inline constexpr std::size_t kVerdictName = 40;

struct ListenerCounts {
  std::array<char, kListenerName> at;  // "127.0.0.1:53"; empty: no such listener
  std::uint64_t tcp;                   // 1: TCP, 0: UDP
  std::array<std::uint64_t, kMaxVerdicts> values;
};

// A prefix that was refused. It was so at least `count - error` and at most `count` times.
struct RefusedPrefix {
  std::array<std::uint8_t, 16> address;  // the first 4 octets for IPv4
  std::uint8_t family;                   // 4 or 6; 0: the entry is free
  std::uint8_t length;
  std::array<std::uint8_t, 6> reserved;
  std::uint64_t count;
  std::uint64_t error;
};

// Numbers that are written often stand apart from what is read only.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct CounterPage {
  static constexpr std::uint64_t kMagic = 0x316e'756f'636b'6400;  // "\0dkcoun1"
  std::uint64_t magic;                                            // set when the names are there
  std::uint32_t count;                                            // of `names` and `values`
  std::uint32_t reserved;
  std::array<std::array<char, kCounterName>, kMaxCounters> names;  // "what.kind", zeros behind it
  alignas(64) std::array<std::uint64_t, kMaxCounters> values;
  std::uint64_t verdicts;  // how many of `verdict_names` and ListenerCounts::values there are
  std::array<std::array<char, kVerdictName>, kMaxVerdicts> verdict_names;  // "refused.client_rate"
  alignas(64) std::array<ListenerCounts, kCountedListeners> listeners;
  alignas(64) std::atomic<std::uint64_t> refused_version;  // odd while `refused` is written
  std::array<RefusedPrefix, kRefusedPrefixes> refused;
};

}  // namespace dotkeep::ipc
