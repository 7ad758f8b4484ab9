#include "admission/proven_lately.h"

#include <algorithm>

namespace dotkeep::admission {
namespace {

// Who was sent to TCP asks over UDP again afterwards, in bursts with long pauses: a page, a walk
// through mail.
constexpr Duration kLately = std::chrono::hours(1);

}  // namespace

ProvenLately::ProvenLately(const SipKey& key) : key_(key), sets_(kSets) {}

std::uint64_t ProvenLately::hash(const IpAddress& client) const {
  std::array<std::uint8_t, 17> keyed{client.family};
  std::ranges::copy(client.octets, keyed.begin() + 1);
  return siphash(key_, keyed);
}

void ProvenLately::note(const IpAddress& client, Time now) {
  const std::uint64_t hash = this->hash(client);
  auto& entries = sets_[hash % kSets].entries;
  auto entry = std::ranges::find(entries, hash, &Entry::client);
  if (entry == entries.end()) entry = std::ranges::min_element(entries, {}, &Entry::until);
  *entry = {hash, now + kLately};
}

bool ProvenLately::has(const IpAddress& client, Time now) const {
  const std::uint64_t hash = this->hash(client);
  return std::ranges::any_of(sets_[hash % kSets].entries, [&](const Entry& entry) {
    return entry.client == hash && now < entry.until;
  });
}

}  // namespace dotkeep::admission
