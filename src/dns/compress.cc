#include "dns/compress.h"

#include <array>

#include "dns/case.h"

namespace dotkeep::dns {
namespace {

constexpr std::uint16_t kPointer = 0xc000;
constexpr std::size_t kOffsets = 0x4000;  // a pointer has 14 bits
constexpr std::uint32_t kOffsetMask = kOffsets - 1;

// The hash of a label in front of a suffix, whatever its case. Nothing secret: probes are bounded.
std::uint32_t hash_label(std::uint32_t suffix, const std::uint8_t* label, std::size_t size) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  std::uint64_t hash = suffix;
  const auto absorb = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> 29;
  };
  std::size_t at = 0;
  for (; size - at >= 8; at += 8) absorb(lower_eight(load_eight(label + at)));
  std::uint64_t tail = 0;
  for (; at < size; ++at) tail = tail << 8 | to_lower(label[at]);
  absorb(tail);
  return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

}  // namespace

void Compressor::write(Octets name) {
  std::array<std::uint8_t, kMaxName / 2> labels;
  std::size_t count = 0;
  for (std::size_t at = 0; name[at] != 0; at += name[at] + std::size_t{1}) {
    labels[count++] = static_cast<std::uint8_t>(at);
  }
  // What does not fit is not remembered: nothing may be looked for beyond the end.
  if (!out_->ok()) return;
  // From the right: a suffix that was never written ends the search, since each name that is
  // written has all its suffixes remembered.
  const std::size_t base = out_->size();
  std::size_t pointer = 0;
  std::size_t written = name.size() - 1;  // octets of the name that go out as labels
  bool known = true;
  std::uint32_t hash = 0;
  while (count > 0) {
    const std::size_t at = labels[--count];
    hash = hash_label(hash, &name[at], name[at] + std::size_t{1});
    if (known) {
      const std::size_t found = find(hash, name.subspan(at), pointer);
      known = found != 0;
      if (known) {
        pointer = found;
        written = at;
        continue;
      }
    }
    remember(hash, base + at);
  }
  out_->octets(name.first(written));
  if (pointer == 0) {
    out_->u8(0);
  } else {
    out_->u16(static_cast<std::uint16_t>(kPointer | pointer));
  }
}

std::size_t Compressor::find(std::uint32_t hash, Octets suffix, std::size_t rest) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < kMaxProbes; ++i) {
    const std::uint32_t slot = slots_[(hash + i) & mask];
    if (slot == 0) return 0;
    const std::size_t at = slot & kOffsetMask;
    if (((slot ^ hash) & ~kOffsetMask) == 0 && is_at(at, suffix, rest)) return at;
  }
  return 0;
}

void Compressor::remember(std::uint32_t hash, std::size_t at) {
  if (at >= kOffsets || used_ >= slots_.size() / 4 * 3) return;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < kMaxProbes; ++i) {
    std::uint32_t& slot = slots_[(hash + i) & mask];
    if (slot != 0) continue;
    slot = (hash & ~kOffsetMask) | static_cast<std::uint32_t>(at);
    ++used_;
    return;
  }
}

// Only the first label is looked at, not each behind it again: a suffix is remembered at one place,
// so that what follows a label is the same exactly where it stands at `rest` or points there.
bool Compressor::is_at(std::size_t at, Octets suffix, std::size_t rest) const {
  const Octets message = out_->written();
  const std::size_t length = suffix[0];
  if (message[at] != length) return false;
  if (!equal_but_case(&message[at + 1], &suffix[1], length)) return false;
  const std::size_t next = at + 1 + length;
  if (message[next] == 0) return rest == 0;
  if (message[next] < 0xc0) return rest == next;
  return rest == static_cast<std::size_t>((message[next] - 0xc0) << 8 | message[next + 1]);
}

}  // namespace dotkeep::dns
