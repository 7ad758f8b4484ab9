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
// With so few cells free the next answer, or the one after it, pushes another out.
constexpr std::size_t kNearlyFull = 8;
constexpr std::size_t kIndexOctets = sizeof(CellId) + sizeof(std::uint32_t);
constexpr std::size_t kOctetsPerBucket = kCellsPerBucket * sizeof(Cell) + kIndexOctets;

}  // namespace

Store::Store(std::size_t octets, const SipKey& secret)
    : secret_(secret),
      cells_(std::min<std::size_t>(octets / kOctetsPerBucket * kCellsPerBucket, kNoCell)),
      buckets_(cells_.count() / kCellsPerBucket) {
  static_assert(sizeof(Bucket) == kIndexOctets);
}

std::size_t Store::memory() const {
  return cells_.count() * sizeof(Cell) + buckets_.most() * kIndexOctets;
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

std::uint32_t Store::expect(Octets key) const {
  const std::uint32_t tag = tag_of(key);
  if (buckets_.most() != 0) __builtin_prefetch(&buckets_.of(tag));
  return tag;
}

CellId Store::find(Octets key, std::uint32_t tag) const {
  if (entries_ == 0) return kNoCell;
  CellId id = buckets_.of(tag).first;
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
  // It never looks unpopular again, and still tells one use from the next.
  entry.hits = static_cast<std::uint8_t>(entry.hits == UINT8_MAX ? 128 : entry.hits + 1);
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
  if (buckets_.most() == 0) return kNoCell;
  std::uint8_t placement = 0;
  const std::uint32_t tag = tag_of(key);
  Bucket& bucket = buckets_.of(tag);
  if (const CellId old = find(key, tag); old != kNoCell) {
    placement = this->info(old).placement;
    erase(old);
  }
  const std::size_t size = key.size() + value.size();
  if (size > kMaxEntry || Cells::needed(size) > cells_.count() / kLargestShare) return kNoCell;
  if (bucket.ghost == tag) placement = static_cast<std::uint8_t>(placement | kProven);
  make_room(Cells::needed(size));
  const CellId id = cells_.write(key, value);
  Head& head = cells_.head(id);
  head.tag = tag;
  head.info = info;
  head.info.placement = placement;
  head.collision = std::exchange(bucket.first, id);
  push(queue_of(id), id);
  ++entries_;
  grow();
  if (cells_.free() < kNearlyFull) prefetch_victims();
  return id;
}

void Store::erase(CellId id) {
  CellId* link = &buckets_.of(cells_.head(id).tag).first;
  while (*link != id) link = &cells_.head(*link).collision;
  *link = cells_.head(id).collision;
  unlink(queue_of(id), id);
  cells_.release(id);
  --entries_;
}

void Store::clear() {
  cells_.clear();
  buckets_.clear();
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

void Store::grow() {
  if (entries_ <= buckets_.in_use() || buckets_.in_use() == buckets_.most()) return;
  for (CellId id = buckets_.split(); id != kNoCell;) {
    Head& head = cells_.head(id);
    id = std::exchange(head.collision, std::exchange(buckets_.of(head.tag).first, id));
  }
  cells_.prefetch(buckets_.next_to_split());
}

void Store::make_room(std::size_t cells) {
  while (cells_.free() < cells) {
    ++evictions_;
    if (probation_goes_first()) {
      evict_from_probation();
    } else {
      evict_from_proven();
    }
  }
}

bool Store::probation_goes_first() const {
  return probation_.cells > cells_.count() / kProbationShare || proven_.cells == 0;
}

// A step for each of the next three, and each step needs only what the one before it has fetched.
void Store::prefetch_victims() const {
  CellId id = probation_.oldest;
  if (!probation_goes_first()) id = hand_ != kNoCell ? hand_ : proven_.oldest;
  if (id == kNoCell) return;
  cells_.prefetch(buckets_.of(cells_.head(id).tag).first);
  const CellId second = cells_.head(id).newer;
  if (second == kNoCell) return;
  __builtin_prefetch(&buckets_.of(cells_.head(second).tag), 1);
  cells_.prefetch_chain(second);
  cells_.prefetch(cells_.head(second).newer);
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
  buckets_.of(tag).ghost = tag;
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
