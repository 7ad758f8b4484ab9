#include "admission/rate.h"

#include <algorithm>
#include <array>

#include "dns/name_view.h"

namespace dotkeep::admission {
namespace {

// Things that have buckets.
constexpr std::uint8_t kClient = 0;
constexpr std::uint8_t kNetwork = 2;
constexpr std::uint8_t kError = 4;
constexpr std::uint8_t kZone = 6;
constexpr std::uint8_t kUnproven = 7;
// Of a second's worth, what may come at once: upstreams take it in without a queue to speak of.
constexpr std::uint64_t kUnprovenBurst = 10;

std::uint64_t bucket(std::uint8_t kind, std::uint64_t hash, bool proven) {
  return RateTable::bucket(static_cast<std::uint8_t>(kind + (proven ? 1 : 0)), hash);
}

int labels_of(Octets name) {
  int labels = 0;
  for (std::size_t at = 0; name[at] != 0; at += std::size_t{1} + name[at]) ++labels;
  return labels;
}

}  // namespace

RateLimiter::RateLimiter(std::span<RateTable::Word> words, const SipKey& key,
                         const Settings& settings)
    : table_(words, key), zones_key_{key[0] ^ 0x7a6f6e65, key[1]} {
  reconfigure(settings);
}

void RateLimiter::reconfigure(const Settings& s) {
  for (const std::uint64_t proven : {0U, 1U}) {
    const std::uint64_t times = proven != 0 ? kProvenMultiple : 1;
    client_[proven] = Limit::of(times * s.rate, times * s.burst);
    const std::uint64_t network = times * std::max(s.aggregate, 1U);
    network_[proven] = Limit::of(network * s.rate, network * s.burst);
    // Its burst is in proportion.
    error_[proven] = Limit::of(times * s.error_rate,
                               std::max<std::uint64_t>(times * s.error_rate * s.burst / s.rate, 1));
  }
  suffix_ = Limit::of(s.suffix_rate, s.suffix_rate);
  unproven_ =
      Limit::of(s.unproven_rate, std::max<std::uint64_t>(s.unproven_rate / kUnprovenBurst, 1));
  prefix4_ = s.prefix4;
  prefix6_ = s.prefix6;
  aggregate_ = s.aggregate != 0;
  slip_ = s.slip;
  const std::array<Limit, 8> all = {client_[0], client_[1], network_[0], network_[1],
                                    error_[0],  error_[1],  suffix_,     unproven_};
  table_.set_limits(all);
}

std::uint64_t RateLimiter::hash_of(const IpAddress& client) const {
  const IpAddress prefix = client.prefix(client.family == 4 ? prefix4_ : prefix6_);
  return table_.hash(prefix.view());
}

std::uint64_t RateLimiter::network_of(const IpAddress& client) const {
  const IpAddress prefix = client.prefix(client.family == 4 ? kNetwork4 : kNetwork6);
  return table_.hash(prefix.view());
}

std::optional<Reason> RateLimiter::query(const IpAddress& client, bool proven, Time now) {
  using Charge = RateTable::Charge;
  const std::uint64_t own = hash_of(client);
  if (table_.charge(bucket(kClient, own, proven), client_[proven], now) == Charge::exceeds) {
    return Reason::client_rate;
  }
  if (table_.exceeds(bucket(kError, own, proven), error_[proven], now)) return Reason::error_rate;
  const bool has_network =
      aggregate_ && (client.family == 4 ? prefix4_ > kNetwork4 : prefix6_ > kNetwork6);
  if (has_network && table_.charge(bucket(kNetwork, network_of(client), proven), network_[proven],
                                   now) == Charge::exceeds) {
    return Reason::network_rate;
  }
  return std::nullopt;
}

void RateLimiter::error_answer(const IpAddress& client, bool proven, Time now) {
  table_.debit(bucket(kError, hash_of(client), proven), error_[proven], now);
}

std::uint64_t RateLimiter::zone_bucket(Octets zone) const {
  // Case must not matter.
  return RateTable::bucket(kZone, dns::hash_name(zones_key_, zone));
}

void RateLimiter::no_such_name(Octets zone, Time now) {
  if (labels_of(zone) >= kMinSuffixLabels) table_.debit(zone_bucket(zone), suffix_, now);
}

bool RateLimiter::too_many_names(const dns::Name& name, Time now) const {
  Octets zone = name.wire();
  int labels = labels_of(zone);
  for (int i = 0; i < kMaxSuffixes && labels > kMinSuffixLabels; ++i) {
    zone = dns::name_parent(zone);
    --labels;
    if (table_.exceeds(zone_bucket(zone), suffix_, now)) return true;
  }
  return false;
}

bool RateLimiter::too_many_unproven(Time now) {
  return table_.charge(RateTable::bucket(kUnproven, {}), unproven_, now) ==
         RateTable::Charge::exceeds;
}

bool RateLimiter::slips(std::uint32_t most) {
  const bool never = slip_ == 0 && most == UINT32_MAX;
  return !never && ++refused_ % std::min(slip_ == 0 ? most : slip_, most) == 0;
}

}  // namespace dotkeep::admission
