#include "upstream/in_flight.h"

namespace dotkeep::upstream {

void InFlight::clear() {
  queries_.fill(kFree);
  live_ = 0;
  abandoned_ = 0;
}

std::size_t InFlight::find(std::uint16_t id) const {
  std::size_t slot = id % kSlots;
  while (queries_[slot] != kFree && ids_[slot] != id) slot = (slot + 1) % kSlots;
  return slot;
}

std::uint16_t InFlight::add(std::uint32_t query, Random& random) {
  for (;;) {  // a fortieth of all ids is taken at most: a second round is rare
    const std::uint16_t id = random.u16();
    const std::size_t slot = find(id);
    if (queries_[slot] != kFree) continue;
    queries_[slot] = query;
    ids_[slot] = id;
    ++live_;
    return id;
  }
}

std::optional<std::uint32_t> InFlight::take(std::uint16_t id) {
  const std::size_t slot = find(id);
  const std::uint32_t query = queries_[slot];
  if (query == kFree) return std::nullopt;
  --(query == kAbandoned ? abandoned_ : live_);
  remove(slot);
  return query;
}

void InFlight::abandon(std::uint16_t id) {
  const std::size_t slot = find(id);
  if (queries_[slot] == kFree || queries_[slot] == kAbandoned) return;
  queries_[slot] = kAbandoned;
  --live_;
  ++abandoned_;
}

// Closes the gap, so that no search stops before what it looks for.
void InFlight::remove(std::size_t slot) {
  std::size_t gap = slot;
  for (std::size_t next = (gap + 1) % kSlots; queries_[next] != kFree; next = (next + 1) % kSlots) {
    const std::size_t home = ids_[next] % kSlots;
    const bool stays = (next - home) % kSlots < (next - gap) % kSlots;
    if (stays) continue;
    queries_[gap] = queries_[next];
    ids_[gap] = ids_[next];
    gap = next;
  }
  queries_[gap] = kFree;
}

}  // namespace dotkeep::upstream
