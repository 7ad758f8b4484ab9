#include "cache/cells.h"

#include <algorithm>
#include <cstring>

namespace dotkeep::cache {
namespace {

constexpr std::size_t kInHead = sizeof(Head::data);
constexpr std::size_t kInTail = sizeof(Tail::data);

}  // namespace

Cells::Cells(std::size_t count)
    : count_(count), cells_(std::make_unique_for_overwrite<Cell[]>(count)), free_count_(count) {}

std::size_t Cells::needed(std::size_t octets) {
  return octets <= kInHead ? 1 : 1 + (octets - kInHead + kInTail - 1) / kInTail;
}

CellId Cells::take() {
  --free_count_;
  if (free_ == kNoCell) return untouched_++;
  const CellId id = free_;
  free_ = cells_[id].tail.next;
  return id;
}

template <typename Visit>
void Cells::each_piece(CellId id, std::size_t size, Visit visit) const {
  std::size_t at = std::min(size, kInHead);
  if (!visit(cells_[id].head.data.data(), at, std::size_t{0})) return;
  while (at < size) {
    id = next(id);
    const std::size_t piece = std::min(size - at, kInTail);
    if (!visit(cells_[id].tail.data.data(), piece, at)) return;
    at += piece;
  }
}

CellId Cells::write(Octets key, Octets value) {
  const std::size_t size = key.size() + value.size();
  const CellId id = take();
  CellId last = id;
  for (std::size_t i = needed(size); i > 1; --i) {
    const CellId more = take();
    cells_[last].tail.next = more;
    last = more;
  }
  cells_[last].tail.next = kNoCell;
  Head& head = cells_[id].head;
  head.next |= kHeadMark;
  head.key_size = static_cast<std::uint16_t>(key.size());
  head.size = static_cast<std::uint16_t>(size);
  const auto put = [&](std::uint8_t* to, std::size_t count, std::size_t at) {
    if (at < key.size()) {
      const std::size_t of_key = std::min(count, key.size() - at);
      std::memcpy(to, key.data() + at, of_key);
      to += of_key;
      count -= of_key;
      at += of_key;
    }
    if (count > 0) std::memcpy(to, value.data() + (at - key.size()), count);
  };
  std::size_t at = std::min(size, kInHead);
  put(head.data.data(), at, 0);
  for (CellId cell = id; at < size;) {
    cell = next(cell);
    const std::size_t piece = std::min(size - at, kInTail);
    put(cells_[cell].tail.data.data(), piece, at);
    at += piece;
  }
  return id;
}

void Cells::release(CellId id) {
  while (id != kNoCell) {
    const CellId after = next(id);
    cells_[id].tail.next = free_;
    free_ = id;
    ++free_count_;
    id = after;
  }
}

bool Cells::key_is(CellId id, Octets key) const {
  if (cells_[id].head.key_size != key.size()) return false;
  bool same = true;
  each_piece(id, key.size(), [&](const std::uint8_t* data, std::size_t size, std::size_t at) {
    same = std::memcmp(data, key.data() + at, size) == 0;
    return same;
  });
  return same;
}

void Cells::read(CellId id, std::size_t skip, MutableOctets out) const {
  const std::size_t end = skip + out.size();
  each_piece(id, end, [&](const std::uint8_t* data, std::size_t size, std::size_t at) {
    if (at + size <= skip) return true;
    const std::size_t cut = at < skip ? skip - at : 0;
    std::memcpy(out.data() + (at + cut - skip), data + cut, size - cut);
    return true;
  });
}

void Cells::clear() {
  free_ = kNoCell;
  untouched_ = 0;
  free_count_ = count_;
}

}  // namespace dotkeep::cache
