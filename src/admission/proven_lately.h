// Which clients have shown lately, over TCP or by a cookie, that they are no forgery. A table of
// fixed size with a secret hash, of one frontend alone. Nothing that is forged changes it; an
// attacker with thousands of addresses of its own can make it forget, and then nobody is worse off
// than without it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/ip_address.h"
#include "base/siphash.h"
#include "base/time.h"

namespace dotkeep::admission {

class ProvenLately {
 public:
  explicit ProvenLately(const SipKey& key);

  // `client`: a prefix, as it is for rates. Cost of each: a hash and one cache line.
  void note(const IpAddress& client, Time now);
  [[nodiscard]] bool has(const IpAddress& client, Time now) const;

 private:
  static constexpr std::size_t kSets = 4096;  // 256 KiB
  static constexpr std::size_t kWays = 4;     // a cache line
  struct Entry {
    std::uint64_t client = 0;  // a hash of it
    Time until = Time::min();  // it counts no longer
  };
  struct alignas(64) Set {
    std::array<Entry, kWays> entries;
  };

  [[nodiscard]] std::uint64_t hash(const IpAddress& client) const;

  SipKey key_;
  std::vector<Set> sets_;
};

}  // namespace dotkeep::admission
