#include "cache/store.h"

#include <algorithm>
#include <utility>

namespace dotkeep::cache {
namespace {

// Of all cells, what is on probation may take before it is the first to go.
constexpr std::size_t kProbationShare = 8;
// Entries that an eviction lets pass because they were asked for, at most: the bound on its time.
constexpr int kMaxSteps = 16;
// One entry may take no more than this share of the whole: what is evicted for it is bounded.
constexpr std::size_t kLargestShare = 8;
// Two cells hold a small answer: one bucket and one ghost for each two.
constexpr std::size_t kCellsPerBucket = 2;
constexpr std::size_t kIndexOctets = sizeof(CellId) + sizeof(std::uint32_t);
constexpr std::size_t kOctetsPerBucket = kCellsPerBucket * sizeof(Cell) + kIndexOctets;

}  // namespace

Store::Store(std::size_t octets, const SipKey& secret)
    : secret_(secret),
      cells_(std::min<std::size_t>(octets / kOctetsPerBucket * kCellsPerBucket, kNoCell)),
      bucket_count_(cells_.count() / kCellsPerBucket),
      buckets_(std::make_unique_for_overwrite<CellId[]>(bucket_count_)),
      ghosts_(std::make_unique<std::uint32_t[]>(bucket_count_)) {
  std::fill_n(buckets_.get(), bucket_count_, kNoCell);
}

std::size_t Store::memory() const {
  return cells_.count() * sizeof(Cell) + bucket_count_ * kIndexOctets;
}

std::uint32_t Store::tag_of(Octets key) const {
  return static_cast<std::uint32_t>(siphash(secret_, key));
}

Store::Queue& Store::queue_of(CellId id) {
  return (info(id).placement & kProven) != 0 ? proven_ : probation_;
}

std::size_t Store::cells_of(CellId id) const {
  return Cells::needed(cells_.head(id).size);
}

CellId Store::find(Octets key) const {
  if (entries_ == 0) return kNoCell;
  const std::uint32_t tag = tag_of(key);
  CellId id = buckets_[bucket_of(tag)];
  while (id != kNoCell) {
    const Head& head = cells_.head(id);
    if (head.tag == tag && cells_.key_is(id, key)) return id;
    id = head.collision;
  }
  return kNoCell;
}

void Store::touch(CellId id) {
  Info& entry = info(id);
  // Written only where something changes: the line stays clean in the caches of a hot entry.
  if ((entry.placement & kVisited) == 0) {
    entry.placement = static_cast<std::uint8_t>(entry.placement | kVisited);
  }
  if (entry.hits < UINT8_MAX) ++entry.hits;
}

Octets Store::key(CellId id, MutableOctets scratch) const {
  const MutableOctets out = scratch.first(cells_.head(id).key_size);
  cells_.read(id, 0, out);
  return out;
}

Octets Store::value(CellId id, MutableOctets scratch) const {
  const Head& head = cells_.head(id);
  const MutableOctets out = scratch.first(static_cast<std::size_t>(head.size) - head.key_size);
  cells_.read(id, head.key_size, out);
  return out;
}

CellId Store::put(Octets key, Octets value, const Info& info) {
  std::uint8_t placement = 0;
  if (const CellId old = find(key); old != kNoCell) {
    placement = this->info(old).placement;
    erase(old);
  }
  const std::size_t size = key.size() + value.size();
  if (size > kMaxEntry || Cells::needed(size) > cells_.count() / kLargestShare) return kNoCell;
  const std::uint32_t tag = tag_of(key);
  if (ghosts_[bucket_of(tag)] == tag) {
    placement = static_cast<std::uint8_t>(placement | kProven);
  }
  make_room(Cells::needed(size));
  const CellId id = cells_.write(key, value);
  Head& head = cells_.head(id);
  head.tag = tag;
  head.info = info;
  head.info.placement = placement;
  head.collision = std::exchange(buckets_[bucket_of(tag)], id);
  push(queue_of(id), id);
  ++entries_;
  return id;
}

void Store::erase(CellId id) {
  CellId* link = &buckets_[bucket_of(cells_.head(id).tag)];
  while (*link != id) link = &cells_.head(*link).collision;
  *link = cells_.head(id).collision;
  unlink(queue_of(id), id);
  cells_.release(id);
  --entries_;
}

void Store::clear() {
  cells_.clear();
  std::fill_n(buckets_.get(), bucket_count_, kNoCell);
  std::fill_n(ghosts_.get(), bucket_count_, 0);
  probation_ = {};
  proven_ = {};
  hand_ = kNoCell;
  entries_ = 0;
}

void Store::push(Queue& queue, CellId id) {
  Head& head = cells_.head(id);
  head.newer = kNoCell;
  head.older = queue.newest;
  (queue.newest != kNoCell ? cells_.head(queue.newest).newer : queue.oldest) = id;
  queue.newest = id;
  queue.cells += cells_of(id);
}

void Store::unlink(Queue& queue, CellId id) {
  const Head& head = cells_.head(id);
  if (hand_ == id) hand_ = head.newer;
  (head.newer != kNoCell ? cells_.head(head.newer).older : queue.newest) = head.older;
  (head.older != kNoCell ? cells_.head(head.older).newer : queue.oldest) = head.newer;
  queue.cells -= cells_of(id);
}

void Store::make_room(std::size_t cells) {
  while (cells_.free() < cells) {
    ++evictions_;
    if (probation_.cells > cells_.count() / kProbationShare || proven_.cells == 0) {
      evict_from_probation();
    } else {
      evict_from_proven();
    }
  }
}

void Store::evict_from_probation() {
  CellId id = probation_.oldest;
  for (int i = 0; i < kMaxSteps && (info(id).placement & kVisited) != 0; ++i) {
    if (probation_.newest == id) break;
    unlink(probation_, id);
    info(id).placement = kProven;
    push(proven_, id);
    id = probation_.oldest;
  }
  const std::uint32_t tag = cells_.head(id).tag;
  ghosts_[bucket_of(tag)] = tag;
  erase(id);
}

void Store::evict_from_proven() {
  CellId id = hand_ != kNoCell ? hand_ : proven_.oldest;
  for (int i = 0; i < kMaxSteps && (info(id).placement & kVisited) != 0; ++i) {
    info(id).placement = kProven;
    id = cells_.head(id).newer;
    if (id == kNoCell) id = proven_.oldest;
  }
  hand_ = id;
  erase(id);  // moves the hand on
}

}  // namespace dotkeep::cache
