// Where the chains of the store's hash table begin. Their memory is taken once, but only as many of
// them are in use as there are entries: linear hashing (Litwin, 1980), one bucket more at a time.
// So a few thousand names that are asked for in turn keep to a few pages, and the processor finds
// those in its TLB and caches; spread over all of the memory, each name had a page of its own.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>

#include "cache/cells.h"

namespace dotkeep::cache {

struct Bucket {
  CellId first;
  // The tag of what left probation unasked: who comes back soon was let go too early.
  std::uint32_t ghost;
};

class Buckets {
 public:
  // At most `most` of them; memory is touched only as they come to use.
  explicit Buckets(std::size_t most);

  [[nodiscard]] std::size_t most() const { return most_; }
  [[nodiscard]] std::size_t in_use() const { return in_use_; }
  // The bucket of a tag; there must be one at least. Good until split() or clear().
  [[nodiscard]] Bucket& of(std::uint32_t tag) { return memory_[index_of(tag)]; }
  [[nodiscard]] const Bucket& of(std::uint32_t tag) const { return memory_[index_of(tag)]; }

  // One more comes to use; there must be one left. The chain that is given back is in no bucket any
  // more: each of its entries belongs to of(its tag), which is one of two.
  [[nodiscard]] CellId split();
  // Where the chain begins that the next split() will give back.
  [[nodiscard]] CellId next_to_split() const { return memory_[source_of(in_use_)].first; }
  // All chains are empty, and few are in use.
  void clear();

 private:
  [[nodiscard]] static std::size_t source_of(std::size_t added) {
    return added - std::bit_floor(added);
  }
  // The low bits of the tag; of buckets that are not in use yet, the one that they will come from.
  [[nodiscard]] std::size_t index_of(std::uint32_t tag) const {
    const std::size_t index = tag & mask_;
    return index < in_use_ ? index : index & mask_ >> 1;
  }

  std::size_t most_;
  std::unique_ptr<Bucket[]> memory_;
  std::size_t in_use_ = 0;
  std::size_t mask_ = 0;  // the least number of bits that numbers all that are in use
};

}  // namespace dotkeep::cache
