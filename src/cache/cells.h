// The store's memory: one block of cells of 64 octets, taken once. What is longer than a cell is a
// chain of them, so nothing is ever fragmented and every octet is accounted for.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"

namespace dotkeep::cache {

using CellId = std::uint32_t;
inline constexpr CellId kNoCell = 0x7fffffff;

// What the store's user keeps with an entry. Times in seconds of cache/lifetime.h.
struct Info {
  std::uint32_t stored;
  std::uint32_t expires;
  std::uint32_t hold;      // until then nobody is asked again; in ticks
  std::uint8_t hits;       // since it was stored; 128 comes after 255
  std::uint8_t failures;   // attempts in a row to get it anew
  std::uint8_t flags;      // the user's
  std::uint8_t placement;  // the store's
};

// The first cell of an entry.
struct Head {
  std::uint32_t next;  // cell of the chain; the highest bit marks a head
  CellId collision;    // next entry of the same bucket
  CellId newer;        // in its queue
  CellId older;
  std::uint32_t tag;  // of the key's hash
  Info info;
  std::uint16_t key_size;
  std::uint16_t size;  // of key and value
  std::array<std::uint8_t, 24> data;
};

struct Tail {
  std::uint32_t next;
  std::array<std::uint8_t, 60> data;
};

// Free cells are a list by `next`. Both begin alike, so `next` may be read through either.
union Cell {
  Head head;
  Tail tail;
};
static_assert(sizeof(Cell) == 64);

class Cells {
 public:
  // Takes memory for `count` cells, which is touched only as it comes to use.
  explicit Cells(std::size_t count);

  // How many cells `octets` of data need.
  [[nodiscard]] static std::size_t needed(std::size_t octets);

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t free() const { return free_count_; }
  [[nodiscard]] Head& head(CellId id) { return cells_[id].head; }
  [[nodiscard]] const Head& head(CellId id) const { return cells_[id].head; }
  [[nodiscard]] bool is_head(CellId id) const {
    return id < untouched_ && (cells_[id].tail.next & kHeadMark) != 0;
  }

  // The cell, or the one behind it, will be written soon; kNoCell is none.
  void prefetch(CellId id) const {
    if (id != kNoCell) __builtin_prefetch(&cells_[id], 1);
  }
  void prefetch_chain(CellId id) const { prefetch(next(id)); }

  // A chain that holds `key` and then `value`; there must be enough free cells. Cost: linear in
  // both.
  [[nodiscard]] CellId write(Octets key, Octets value);
  // Gives a chain back. Cost: linear in its length.
  void release(CellId id);
  [[nodiscard]] bool key_is(CellId id, Octets key) const;
  // Copies the data of a chain from `skip` on; `out` must not be longer than what is left.
  void read(CellId id, std::size_t skip, MutableOctets out) const;
  // All are free again. O(1).
  void clear();

 private:
  static constexpr std::uint32_t kHeadMark = 0x80000000;

  [[nodiscard]] CellId take();
  [[nodiscard]] CellId next(CellId id) const { return cells_[id].tail.next & ~kHeadMark; }
  // The data of a chain, piece by piece: visit(data, size, at) until it says false.
  template <typename Visit>
  void each_piece(CellId id, std::size_t size, Visit visit) const;

  std::size_t count_;
  std::unique_ptr<Cell[]> cells_;
  CellId free_ = kNoCell;
  CellId untouched_ = 0;  // from here on no cell was ever used
  std::size_t free_count_;
};

}  // namespace dotkeep::cache
