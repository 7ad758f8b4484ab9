#include "frontend/pending.h"

#include <algorithm>

namespace dotkeep::frontend {

PendingTable::PendingTable(std::size_t capacity)
    : slots_(std::clamp<std::size_t>(capacity, 1, kMaxCapacity)) {
  for (std::size_t i = slots_.size(); i-- > 0;) {
    slots_[i].next = free_;
    free_ = static_cast<std::uint32_t>(i);
  }
}

PendingQuery* PendingTable::open(ipc::Ticket& ticket, Time deadline) {
  if (free_ == kNone) return nullptr;
  const std::uint32_t index = free_;
  Slot& slot = slots_[index];
  free_ = slot.next;
  slot.used = true;
  slot.next = kNone;
  slot.previous = last_;
  if (last_ != kNone) {
    slots_[last_].next = index;
  } else {
    first_ = index;
  }
  last_ = index;
  ++size_;
  ticket = ticket_of(index);
  slot.pending.deadline = deadline;
  slot.pending.tried = 0;
  slot.pending.asks = 0;
  slot.pending.orphaned = false;
  slot.pending.ask_at = Time::min();
  slot.pending.waiting = {};
  slot.pending.stale_is_near = false;
  return &slot.pending;
}

PendingQuery* PendingTable::find(ipc::Ticket ticket) {
  const std::uint32_t index = ticket & 0xffff;
  if (index >= slots_.size()) return nullptr;
  Slot& slot = slots_[index];
  return slot.used && slot.generation == ticket >> 16 ? &slot.pending : nullptr;
}

void PendingTable::close(ipc::Ticket ticket) {
  if (find(ticket) == nullptr) return;
  const std::uint32_t index = ticket & 0xffff;
  Slot& slot = slots_[index];
  (slot.previous != kNone ? slots_[slot.previous].next : first_) = slot.next;
  (slot.next != kNone ? slots_[slot.next].previous : last_) = slot.previous;
  slot.used = false;
  ++slot.generation;
  slot.next = free_;
  free_ = index;
  --size_;
}

std::optional<ipc::Ticket> PendingTable::oldest() const {
  if (first_ == kNone) return std::nullopt;
  return ticket_of(first_);
}

std::optional<ipc::Ticket> PendingTable::after(ipc::Ticket ticket) const {
  const std::uint32_t next = slots_[ticket & 0xffff].next;
  if (next == kNone) return std::nullopt;
  return ticket_of(next);
}

}  // namespace dotkeep::frontend
