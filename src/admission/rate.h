// How fast a client may ask: its own bucket, its network's, one for answers that are errors,
// one for names of a zone that do not exist, and one for all that is asked without a proof of who
// asks. Sources that may be forged have other buckets than
// those that have proven themselves (TCP, a cookie): who forges an address takes nothing from its
// owner.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "admission/rate_table.h"
#include "admission/reason.h"
#include "admission/settings.h"
#include "base/ip_address.h"
#include "dns/name.h"

namespace dotkeep::admission {

// A proven source may ask so many times more: nobody else can be made to look like it.
inline constexpr std::uint32_t kProvenMultiple = 4;
// The wider prefixes whose clients share an aggregate bucket.
inline constexpr std::uint8_t kNetwork4 = 24;
inline constexpr std::uint8_t kNetwork6 = 48;
// Zones of a name that are looked at, from its parent up: attackers vary one label, or two.
inline constexpr int kMaxSuffixes = 5;
// No zone above these many labels is slowed: it would be everybody's.
inline constexpr int kMinSuffixLabels = 2;

class RateLimiter {
 public:
  RateLimiter(std::span<RateTable::Word> words, const SipKey& key, const Settings& settings);
  void reconfigure(const Settings& settings);

  // One query of this client: nothing when it may be answered, else which rate it is over.
  // Cost: two hashes and a few cache misses.
  [[nodiscard]] std::optional<Reason> query(const IpAddress& client, bool proven, Time now);
  // One answer to it was an error.
  void error_answer(const IpAddress& client, bool proven, Time now);

  // A zone or a name of which `zone` is the likely zone had another name that does not exist.
  void no_such_name(Octets zone, Time now);
  // Whether a zone that the name may be in has had too many of those.
  [[nodiscard]] bool too_many_names(const dns::Name& name, Time now) const;

  // A question for the upstreams that may be nobody's: whether there were too many of them.
  [[nodiscard]] bool too_many_unproven(Time now);

  // Every so many times true (Settings::slip, or `most` where that is less or nothing).
  [[nodiscard]] bool slips(std::uint32_t most = UINT32_MAX);

 private:
  // What the buckets of a client, and of its network, are made of.
  [[nodiscard]] std::uint64_t hash_of(const IpAddress& client) const;
  [[nodiscard]] std::uint64_t network_of(const IpAddress& client) const;
  [[nodiscard]] std::uint64_t zone_bucket(Octets zone) const;

  RateTable table_;
  SipKey zones_key_;
  Limit client_[2];   // by `proven`
  Limit network_[2];  // likewise
  Limit error_[2];    // likewise
  Limit suffix_;
  Limit unproven_;
  std::uint8_t prefix4_ = 32;
  std::uint8_t prefix6_ = 128;
  bool aggregate_ = false;
  std::uint32_t slip_ = 0;
  std::uint32_t refused_ = 0;
};

}  // namespace dotkeep::admission
