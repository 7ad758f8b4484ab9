// Connections in the order in which something last happened on them: the one that has been idle for
// longest goes first when there is no room for a new one.
#pragma once

#include <cstdint>
#include <vector>

namespace dotkeep::frontend {

class IdleOrder {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // Slots are numbers below `capacity`.
  explicit IdleOrder(std::uint32_t capacity) : links_(capacity) {}

  // Something happens on `slot` now, whether it was in the order or not. O(1).
  void touch(std::uint32_t slot);
  // It is no more. O(1).
  void remove(std::uint32_t slot);
  // The slot that was touched first, and the one that was touched after `slot`; kNone at the end.
  [[nodiscard]] std::uint32_t first() const { return first_; }
  [[nodiscard]] std::uint32_t after(std::uint32_t slot) const { return links_[slot].next; }

 private:
  struct Link {
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
    bool in = false;
  };
  std::vector<Link> links_;
  std::uint32_t first_ = kNone;
  std::uint32_t last_ = kNone;
};

}  // namespace dotkeep::frontend
