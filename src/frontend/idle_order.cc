#include "frontend/idle_order.h"

namespace dotkeep::frontend {

void IdleOrder::touch(std::uint32_t slot) {
  if (slot == last_) return;
  remove(slot);
  links_[slot] = {last_, kNone, true};
  (last_ != kNone ? links_[last_].next : first_) = slot;
  last_ = slot;
}

void IdleOrder::remove(std::uint32_t slot) {
  const Link link = links_[slot];
  if (!link.in) return;
  (link.previous != kNone ? links_[link.previous].next : first_) = link.next;
  (link.next != kNone ? links_[link.next].previous : last_) = link.previous;
  links_[slot] = {};
}

}  // namespace dotkeep::frontend
