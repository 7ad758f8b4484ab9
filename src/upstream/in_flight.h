// The ids of one connection: which query each stands for, and which may not be used yet.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/random.h"
#include "upstream/limits.h"

namespace dotkeep::upstream {

// A table of fixed size (32 KiB) with open addressing. Ids are random, hence their own hash; a
// server chooses which ids it answers but not which ones stand in the table.
class InFlight {
 public:
  // What an id stood for when its answer came.
  static constexpr std::uint32_t kAbandoned = 0xfffffffe;

  InFlight() { clear(); }

  // A new random id for `query`, unlike every one that is in flight or abandoned. Not when full().
  [[nodiscard]] std::uint16_t add(std::uint32_t query, Random& random);
  // The id's query, or kAbandoned; nothing when it was not asked.
  [[nodiscard]] std::optional<std::uint32_t> peek(std::uint16_t id) const;
  // The same, and takes the id out.
  [[nodiscard]] std::optional<std::uint32_t> take(std::uint16_t id);
  // Nobody waits for this id's answer any more, but it may still come: the id stays reserved.
  void abandon(std::uint16_t id);

  [[nodiscard]] bool full() const { return live_ == kMaxInFlight; }
  [[nodiscard]] std::size_t live() const { return live_; }
  [[nodiscard]] std::size_t abandoned() const { return abandoned_; }
  void clear();

  // Calls `visit(query)` for each query in flight. Cost: the whole table.
  template <typename Visitor>
  void for_each(Visitor visit) const {
    for (const Slot& slot : slots_) {
      if (slot.query != kFree && slot.query != kAbandoned) visit(slot.query);
    }
  }

 private:
  static constexpr std::uint32_t kFree = 0xffffffff;
  // Together: ids are random, so each look-up is a line of memory that no cache holds.
  struct Slot {
    std::uint32_t query = kFree;
    std::uint16_t id = 0;
  };
  // Never more than 5/8 full (all in flight may be abandoned at once just below the bound, and as
  // many be added before that is noticed), so a search ends within a few steps.
  static constexpr std::size_t kSlots = 4096;
  static_assert((kMaxAbandoned + 2 * kMaxInFlight) * 8 <= kSlots * 5);

  // Where `id` stands, or the free slot where it would.
  [[nodiscard]] std::size_t find(std::uint16_t id) const;
  void remove(std::size_t slot);

  std::array<Slot, kSlots> slots_{};
  std::size_t live_ = 0;
  std::size_t abandoned_ = 0;
};

}  // namespace dotkeep::upstream
