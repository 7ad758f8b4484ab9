#include "upstream/in_flight.h"

namespace dotkeep::upstream {

void InFlight::clear() {
  slots_.fill({});
  live_ = 0;
  abandoned_ = 0;
}

std::size_t InFlight::find(std::uint16_t id) const {
  std::size_t slot = id % kSlots;
  while (slots_[slot].query != kFree && slots_[slot].id != id) slot = (slot + 1) % kSlots;
  return slot;
}

std::uint16_t InFlight::add(std::uint32_t query, Random& random) {
  for (;;) {  // a fortieth of all ids is taken at most: a second round is rare
    const std::uint16_t id = random.u16();
    const std::size_t slot = find(id);
    if (slots_[slot].query != kFree) continue;
    slots_[slot] = {query, id};
    ++live_;
    return id;
  }
}

std::optional<std::uint32_t> InFlight::peek(std::uint16_t id) const {
  const std::uint32_t query = slots_[find(id)].query;
  return query == kFree ? std::nullopt : std::optional(query);
}

std::optional<std::uint32_t> InFlight::take(std::uint16_t id) {
  const std::size_t slot = find(id);
  const std::uint32_t query = slots_[slot].query;
  if (query == kFree) return std::nullopt;
  --(query == kAbandoned ? abandoned_ : live_);
  remove(slot);
  return query;
}

void InFlight::abandon(std::uint16_t id) {
  const std::size_t slot = find(id);
  if (slots_[slot].query == kFree || slots_[slot].query == kAbandoned) return;
  slots_[slot].query = kAbandoned;
  --live_;
  ++abandoned_;
}

// Closes the gap, so that no search stops before what it looks for.
void InFlight::remove(std::size_t slot) {
  std::size_t gap = slot;
  for (std::size_t next = (gap + 1) % kSlots; slots_[next].query != kFree;
       next = (next + 1) % kSlots) {
    const std::size_t home = slots_[next].id % kSlots;
    const bool stays = (next - home) % kSlots < (next - gap) % kSlots;
    if (stays) continue;
    slots_[gap] = slots_[next];
    gap = next;
  }
  slots_[gap].query = kFree;
}

}  // namespace dotkeep::upstream
