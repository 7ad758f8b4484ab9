// Octets under keys in bounded memory: a hash table over cells, and who must go when it is full.
// It knows nothing of DNS and nothing of time.
//
// Eviction is SIEVE (Zhang and others, NSDI 2024) behind a small probation queue: what is new must
// be asked for once more before it may push out what has proved its worth, so that a flood of names
// that nobody asks for twice goes round in an eighth of the memory. Every step is O(1): no sweep,
// no background work.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/siphash.h"
#include "cache/buckets.h"
#include "cache/cells.h"

namespace dotkeep::cache {

class Store {
 public:
  // Key and value of one entry together: what a 16-bit size can say.
  static constexpr std::size_t kMaxEntry = 65535;

  // Everything that it will ever use: at most `octets`, exactly `memory()`.
  Store(std::size_t octets, const SipKey& secret);

  [[nodiscard]] std::size_t memory() const;
  [[nodiscard]] std::size_t entries() const { return entries_; }
  // Octets in use: whole cells.
  [[nodiscard]] std::size_t used() const { return (cells_.count() - cells_.free()) * sizeof(Cell); }
  [[nodiscard]] std::uint64_t evictions() const { return evictions_; }

  // The entry of a key, or kNoCell. An id is good until the next put, erase or clear.
  [[nodiscard]] CellId find(Octets key) const { return find(key, tag_of(key)); }
  // In two steps: the second need not wait for memory when other work lies between them.
  [[nodiscard]] std::uint32_t expect(Octets key) const;
  [[nodiscard]] CellId find(Octets key, std::uint32_t expected) const;
  [[nodiscard]] Info& info(CellId id) { return cells_.head(id).info; }
  [[nodiscard]] const Info& info(CellId id) const { return cells_.head(id).info; }
  // It was asked for.
  void touch(CellId id);
  // Copies of what it holds, at the front of `scratch` (kMaxEntry octets). Cost: linear in it.
  [[nodiscard]] Octets key(CellId id, MutableOctets scratch) const;
  [[nodiscard]] Octets value(CellId id, MutableOctets scratch) const;

  // Stores, in the place of what was under that key; evicts whom it must. The entry, or kNoCell
  // when it is too large for this store: then nothing is under that key any more.
  CellId put(Octets key, Octets value, const Info& info);
  void erase(CellId id);
  void clear();

  // For walks over all entries: those of [0, cells()) that hold the head of one.
  [[nodiscard]] CellId cells() const { return static_cast<CellId>(cells_.count()); }
  [[nodiscard]] bool is_entry(CellId id) const { return cells_.is_head(id); }

 private:
  enum Placement : std::uint8_t { kVisited = 1, kProven = 2 };
  struct Queue {
    CellId newest = kNoCell;
    CellId oldest = kNoCell;
    std::size_t cells = 0;
  };

  [[nodiscard]] std::uint32_t tag_of(Octets key) const;
  [[nodiscard]] Queue& queue_of(CellId id);
  [[nodiscard]] std::size_t cells_of(CellId id) const;
  void push(Queue& queue, CellId id);
  void unlink(Queue& queue, CellId id);
  // A bucket more where there are more entries than buckets.
  void grow();
  void make_room(std::size_t cells);
  // Whoever goes next is old, so nothing of it is near the processor: it is fetched while others
  // are served.
  void prefetch_victims() const;
  [[nodiscard]] bool probation_goes_first() const;
  void evict_from_probation();
  void evict_from_proven();

  SipKey secret_;
  Cells cells_;
  Buckets buckets_;
  Queue probation_;
  Queue proven_;
  CellId hand_ = kNoCell;  // in `proven_`; kNoCell: at its oldest
  std::size_t entries_ = 0;
  std::uint64_t evictions_ = 0;
};

}  // namespace dotkeep::cache
