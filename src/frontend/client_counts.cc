#include "frontend/client_counts.h"

#include <algorithm>
#include <bit>

#include "base/random.h"

namespace dotkeep::frontend {

ClientCounts::ClientCounts(std::size_t capacity, ClientPrefixes prefixes)
    : prefixes_(prefixes), entries_(std::bit_ceil(2 * capacity + 2)) {
  fill_random({reinterpret_cast<std::uint8_t*>(key_.data()), sizeof key_});
}

std::size_t ClientCounts::home(const IpAddress& client) const {
  return siphash(key_, client.view()) & (entries_.size() - 1);
}

std::size_t ClientCounts::find(const IpAddress& client) const {
  std::size_t at = home(client);
  while (entries_[at].count != 0 && entries_[at].client != client)
    at = (at + 1) & (entries_.size() - 1);
  return at;
}

bool ClientCounts::add(const IpAddress& ip, std::uint32_t limit) {
  const IpAddress client = prefixes_.of(ip);
  Entry& entry = entries_[find(client)];
  if (entry.count >= limit) return false;
  if (entry.count == 0) entry = {client};
  ++entry.count;
  return true;
}

std::uint32_t ClientCounts::count(const IpAddress& ip) const {
  return entries_[find(prefixes_.of(ip))].count;
}

bool ClientCounts::may_answer(const IpAddress& ip, std::uint32_t tick, std::uint32_t limit) {
  Entry& entry = entries_[find(prefixes_.of(ip))];
  if (entry.count == 0) return true;
  if (entry.tick != tick) {
    const bool held_back = entry.answers >= limit * entry.ticks;
    entry.ticks = held_back ? std::min(tick - entry.tick, kCaughtUp) : 1;
    entry.tick = tick;
    entry.answers = 0;
  }
  if (entry.answers >= limit * entry.ticks) return false;
  ++entry.answers;
  return true;
}

void ClientCounts::remove(const IpAddress& ip) {
  std::size_t hole = find(prefixes_.of(ip));
  if (entries_[hole].count == 0) return;
  --entries_[hole].count;
  if (entries_[hole].count != 0) return;
  // Close the gap: an entry behind it moves up unless its home lies between the gap and itself.
  const std::size_t mask = entries_.size() - 1;
  for (std::size_t at = (hole + 1) & mask; entries_[at].count != 0; at = (at + 1) & mask) {
    if (((at - home(entries_[at].client)) & mask) >= ((at - hole) & mask)) {
      entries_[hole] = entries_[at];
      entries_[at].count = 0;
      hole = at;
    }
  }
}

}  // namespace dotkeep::frontend
