#include "dns/compress.h"

#include <array>
#include <bit>
#include <cstring>

#include "dns/case.h"

namespace dotkeep::dns {
namespace {

constexpr std::uint16_t kPointer = 0xc000;
constexpr std::size_t kOffsets = 0x4000;  // a pointer has 14 bits
constexpr std::uint32_t kOffsetMask = kOffsets - 1;

// The first `count` octets of a word as load_eight() reads it, one to eight of them; zeros behind.
constexpr std::uint64_t only(std::uint64_t word, std::size_t count) {
  const std::size_t unused = 8 * (8 - count);
  return std::endian::native == std::endian::little ? word << unused >> unused
                                                    : word >> unused << unused;
}

// Calls `take` with each eight octets of a label of `size`, its length octet included, the last of
// them cut. Reads up to seven octets behind the label.
template <typename Take>
[[gnu::always_inline]] inline void by_eight(const std::uint8_t* label, std::size_t size,
                                            const Take& take) {
  while (size > 8) {
    take(label, std::size_t{8});
    label += 8;
    size -= 8;
  }
  take(label, size);
}

// The hash of a label in lower case in front of a suffix. Nothing secret: probes are bounded.
std::uint32_t hash_label(std::uint32_t suffix, const std::uint8_t* label, std::size_t size) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  std::uint64_t hash = suffix;
  by_eight(label, size, [&hash](const std::uint8_t* octets, std::size_t count) {
    hash = (hash ^ only(load_eight(octets), count)) * kOdd;
    hash ^= hash >> 29;
  });
  return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

[[gnu::noinline]] bool is_longer_at(Octets written, const std::uint8_t* label) {
  return written[0] == label[0] && equal_but_case(&written[1], label + 1, label[0]);
}

}  // namespace

void Compressor::write(Octets name) {
  // In lower case once, and with room to read eight octets wherever a label begins.
  std::array<std::uint8_t, kMaxName + 8> lower;
  copy_lower(name.data(), name.size(), lower.data());
  std::memset(&lower[name.size()], 0, 8);
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
    hash = hash_label(hash, &lower[at], lower[at] + std::size_t{1});
    if (known) {
      const std::size_t found = find(hash, &lower[at], pointer);
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

[[gnu::always_inline]] inline std::size_t Compressor::find(std::uint32_t hash,
                                                           const std::uint8_t* label,
                                                           std::size_t rest) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < kMaxProbes; ++i) {
    const std::uint32_t slot = slots_[(hash + i) & mask];
    if (slot == 0) return 0;
    const std::size_t at = slot & kOffsetMask;
    if (((slot ^ hash) & ~kOffsetMask) == 0 && is_at(at, label, rest)) return at;
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
[[gnu::always_inline]] inline bool Compressor::is_at(std::size_t at, const std::uint8_t* label,
                                                     std::size_t rest) const {
  const Octets message = out_->written();
  const std::size_t size = label[0] + std::size_t{1};
  // Most labels are of one word, and most lie far enough from the end to be read as one.
  if (size <= 8 && message.size() - at >= 8) {
    const std::uint64_t there = only(lower_eight(load_eight(&message[at])), size);
    if (there != only(load_eight(label), size)) return false;
  } else if (!is_longer_at(message.subspan(at), label)) {
    return false;
  }
  const std::size_t next = at + size;
  const std::size_t follows = message[next];
  if (follows >= 0xc0) return rest == ((follows - 0xc0) << 8 | message[next + 1]);
  return rest == (follows == 0 ? 0 : next);
}

}  // namespace dotkeep::dns
