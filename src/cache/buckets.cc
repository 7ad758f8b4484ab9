#include "cache/buckets.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace dotkeep::cache {
namespace {

// In use from the start: a line of the processor's caches.
constexpr std::size_t kFirst = 64 / sizeof(Bucket);

std::size_t mask_for(std::size_t count) {
  return std::bit_ceil(count) - 1;
}

}  // namespace

Buckets::Buckets(std::size_t most)
    : most_(most), memory_(std::make_unique_for_overwrite<Bucket[]>(most)) {
  clear();
}

void Buckets::clear() {
  in_use_ = std::min(most_, kFirst);
  mask_ = mask_for(in_use_);
  std::fill_n(memory_.get(), in_use_, Bucket{kNoCell, 0});
}

CellId Buckets::split() {
  const std::size_t added = in_use_++;
  mask_ = mask_for(in_use_);
  Bucket& from = memory_[source_of(added)];
  // The ghost is a whole tag: where it does not belong it is never looked for.
  memory_[added] = {kNoCell, from.ghost};
  return std::exchange(from.first, kNoCell);
}

}  // namespace dotkeep::cache
