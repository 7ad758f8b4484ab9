// A hash table from 64-bit hashes to small numbers, of fixed size, that is emptied at no cost.
#pragma once

#include <array>
#include <cstdint>

#include "dns/reply.h"

namespace dotkeep::dns {

class Index {
 public:
  // Twice what one message can put in: a probe is one or two steps long.
  static constexpr std::size_t kSlots = 2 * kMaxRecords;
  static_assert((kSlots & (kSlots - 1)) == 0, "a mask picks the slot");

  void clear() {
    if (++epoch_ == 0) {  // once in 65,535 times the old stamps would come alive again
      slots_.fill({});
      epoch_ = 1;
    }
  }

  // The number stored under `hash` for which `same(number)` holds, or `none`.
  template <typename Same>
  [[nodiscard]] std::uint16_t find(std::uint64_t hash, std::uint16_t none, Same same) const {
    for (std::size_t at = hash % kSlots;; at = (at + 1) % kSlots) {
      const Slot& slot = slots_[at];
      if (slot.epoch != epoch_) return none;
      if (slot.tag == tag(hash) && same(slot.number)) return slot.number;
    }
  }

  // Stores `number`, which is not there yet. The caller stores at most kMaxRecords + 1.
  void insert(std::uint64_t hash, std::uint16_t number) {
    std::size_t at = hash % kSlots;
    while (slots_[at].epoch == epoch_) at = (at + 1) % kSlots;
    slots_[at] = {epoch_, tag(hash), number};
  }

 private:
  struct Slot {
    std::uint16_t epoch = 0;  // in use only where this is the table's
    std::uint16_t tag = 0;    // spares most comparisons
    std::uint16_t number = 0;
  };

  static std::uint16_t tag(std::uint64_t hash) { return static_cast<std::uint16_t>(hash >> 48); }

  std::array<Slot, kSlots> slots_{};
  std::uint16_t epoch_ = 0;
};

}  // namespace dotkeep::dns
