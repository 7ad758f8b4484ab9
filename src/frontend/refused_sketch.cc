#include "frontend/refused_sketch.h"

#include <atomic>

namespace dotkeep::frontend {

// Who wrote here before may have died within a change: odd would then mean that all is well.
RefusedSketch::RefusedSketch(ipc::CounterPage& page) : page_(&page) {
  page.refused_version.fetch_add(page.refused_version.load(std::memory_order_relaxed) % 2,
                                 std::memory_order_acq_rel);
}

void RefusedSketch::count(const IpAddress& client) {
  const std::uint8_t length = client.family == 4 ? kPrefix4 : kPrefix6;
  const IpAddress prefix = client.prefix(length);
  ipc::RefusedPrefix* least = page_->refused.data();
  ipc::RefusedPrefix* own = nullptr;
  for (ipc::RefusedPrefix& entry : page_->refused) {
    if (entry.family == prefix.family && entry.address == prefix.octets) {
      own = &entry;
      break;
    }
    if (entry.count < least->count) least = &entry;
  }
  // Odd while an entry is between two states: a reader then looks again.
  page_->refused_version.fetch_add(1, std::memory_order_acq_rel);
  if (own != nullptr) {
    ++own->count;
  } else {
    // The least of all makes room. The newcomer may have been refused as often as it before.
    const std::uint64_t before = least->count;
    *least = {prefix.octets, prefix.family, length, {}, before + 1, before};
  }
  page_->refused_version.fetch_add(1, std::memory_order_release);
}

}  // namespace dotkeep::frontend
