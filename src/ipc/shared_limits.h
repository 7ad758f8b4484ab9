// What the frontends share: how much each client has asked, and the secrets of their tables and
// cookies. One memfd, made and filled in by the supervisor at bootstrap, which never reads it;
// every frontend maps it before its seal. It outlives a frontend, so a client that made one crash
// has not bought itself a fresh start.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/siphash.h"

namespace dotkeep::ipc {

// Words of the rate table; a power of two. A word is busy only while its client's last queries are
// being forgiven: 5 ms for one query at 200 a second. A flood of a million queries a second from
// spoofed sources keeps 5,000 of them busy.
inline constexpr std::size_t kRateWords = std::size_t{1} << 17;
// Secrets of DNS cookies that an operator can give: the one in use and its neighbour in time.
inline constexpr std::size_t kGivenSecrets = 2;

// Padded on purpose: what all frontends write lies in cache lines of its own.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct SharedLimits {
  // Written once, before the first frontend starts.
  SipKey table_key;   // where a client's words lie
  SipKey cookie_key;  // what cookie secrets are derived from when none are given
  std::array<SipKey, kGivenSecrets> cookie_secrets;  // limits.cookie_secret_file
  std::uint32_t cookie_secret_count;                 // 0..kGivenSecrets
  // Written by all frontends, each word by compare-and-swap (admission/rate_table.h).
  alignas(64) std::atomic<std::uint64_t> unverified;   // all queries that may be forged
  alignas(64) std::atomic<std::uint64_t> flood_until;  // monotonic nanoseconds
  alignas(64) std::array<std::atomic<std::uint64_t>, kRateWords> words;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);  // so it works between processes

}  // namespace dotkeep::ipc
