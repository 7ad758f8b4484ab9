#include "cache/slot.h"

#include <array>
#include <atomic>
#include <cstring>

#include "base/siphash.h"

namespace dotkeep::cache {
namespace {

constexpr std::uint64_t kMagic = 0x646b'6361'6368'6501;  // "dkcache", version 1
constexpr std::size_t kHeadOctets = std::size_t{7} * 8;

// What the octets after `before` make of it.
std::uint64_t add_to(std::uint64_t before, Octets octets) {
  return siphash({before, octets.size()}, octets);
}

std::uint64_t checksum_of_head(Octets slot) {
  return add_to(kMagic, slot.first(kHeadOctets - 8));
}

}  // namespace

std::string_view to_string(SlotFault fault) {
  switch (fault) {
    case SlotFault::empty:
      return "empty";
    case SlotFault::torn:
      return "damaged";
    case SlotFault::foreign:
      return "of another version, size or configuration";
  }
  return "unknown";
}

std::expected<SlotHead, SlotFault> read_head(Octets slot, std::uint64_t purpose) {
  if (slot.size() < kHeadSize) return std::unexpected(SlotFault::empty);
  // A copy: whoever has the file open may write to it at any time.
  std::array<std::uint8_t, kHeadOctets> copy{};
  std::memcpy(copy.data(), slot.data(), copy.size());
  Reader reader(copy);
  const auto field = [&reader] { return reader.u64().value_or(0); };
  const std::uint64_t magic = field();
  const std::uint64_t its_purpose = field();
  SlotHead head;
  head.generation = field();
  head.records = field();
  head.octets = field();
  head.checksum = field();
  const std::uint64_t checksum = field();
  if (magic == 0) return std::unexpected(SlotFault::empty);
  if (magic >> 8 != kMagic >> 8) return std::unexpected(SlotFault::torn);
  if (magic != kMagic) return std::unexpected(SlotFault::foreign);
  if (checksum != checksum_of_head(copy)) return std::unexpected(SlotFault::torn);
  if (its_purpose != purpose) return std::unexpected(SlotFault::foreign);
  if (head.octets > slot.size() - kHeadSize) return std::unexpected(SlotFault::torn);
  return head;
}

void wipe_head(MutableOctets slot) {
  std::memset(slot.data(), 0, kHeadSize);
  // The process may be killed between any two stores.
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

SlotWriter::SlotWriter(MutableOctets slot, std::uint64_t purpose, std::uint64_t generation)
    : slot_(slot), purpose_(purpose) {
  head_.generation = generation;
  wipe_head(slot_);
}

bool SlotWriter::add(Octets record) {
  const std::size_t left = slot_.size() - kHeadSize - head_.octets;
  if (record.size() > UINT16_MAX || left < record.size() + 2) return false;
  Writer out(slot_.subspan(kHeadSize + head_.octets, record.size() + 2));
  out.u16(static_cast<std::uint16_t>(record.size()));
  out.octets(record);
  head_.checksum = add_to(head_.checksum, record);
  head_.octets += record.size() + 2;
  ++head_.records;
  return true;
}

void SlotWriter::finish() {
  std::array<std::uint8_t, kHeadOctets> octets{};
  Writer out(octets);
  for (const std::uint64_t field :
       {kMagic, purpose_, head_.generation, head_.records, head_.octets, head_.checksum}) {
    out.u64(field);
  }
  out.u64(checksum_of_head(octets));
  std::atomic_thread_fence(std::memory_order_seq_cst);
  std::memcpy(slot_.data(), octets.data(), octets.size());
}

SlotReader::SlotReader(Octets slot, const SlotHead& head)
    : records_(slot.subspan(kHeadSize, head.octets)), head_(head) {}

std::optional<Octets> SlotReader::record() {
  Reader reader(records_.subspan(at_));
  const auto size = reader.u16();
  const auto octets = size ? reader.take(*size) : std::nullopt;
  if (octets) at_ += 2 + octets->size();
  return octets;
}

std::optional<bool> SlotReader::verify(std::size_t count) {
  for (; count > 0; --count) {
    if (seen_ == head_.records || at_ == records_.size()) {
      const bool whole =
          seen_ == head_.records && at_ == records_.size() && checksum_ == head_.checksum;
      at_ = 0;
      return whole;
    }
    const auto octets = record();
    if (!octets) return false;
    checksum_ = add_to(checksum_, *octets);
    ++seen_;
  }
  return std::nullopt;
}

std::optional<Octets> SlotReader::next(MutableOctets out) {
  const auto octets = record();
  if (!octets || octets->size() > out.size()) return std::nullopt;
  std::memcpy(out.data(), octets->data(), octets->size());
  return out.first(octets->size());
}

}  // namespace dotkeep::cache
