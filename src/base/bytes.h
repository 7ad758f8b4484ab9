// Octets from strangers are read through a cursor that only moves forward through checked getters,
// and written through one that never passes its end.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace dotkeep {

using Octets = std::span<const std::uint8_t>;
using MutableOctets = std::span<std::uint8_t>;

// An integer of which the octets lie as the network orders them; and the other way round.
template <typename Integer>
[[nodiscard]] constexpr Integer from_big_endian(Integer value) {
  return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

// Reads big-endian (network order) fields from the front of a span. A getter that would pass the
// end returns nothing and leaves the cursor where it was.
class Reader {
 public:
  explicit Reader(Octets octets) : octets_(octets) {}

  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] std::size_t remaining() const { return octets_.size() - offset_; }
  [[nodiscard]] bool empty() const { return remaining() == 0; }

  // Inlined always: an optional that is handed back through memory in two parts and read as one
  // stalls the processor, at every field of every message.
  [[nodiscard, gnu::always_inline]] std::optional<std::uint8_t> u8() {
    return integer<std::uint8_t>();
  }
  [[nodiscard, gnu::always_inline]] std::optional<std::uint16_t> u16() {
    return integer<std::uint16_t>();
  }
  [[nodiscard, gnu::always_inline]] std::optional<std::uint32_t> u32() {
    return integer<std::uint32_t>();
  }
  [[nodiscard, gnu::always_inline]] std::optional<std::uint64_t> u64() {
    return integer<std::uint64_t>();
  }

  // The next `count` octets, as a view.
  [[nodiscard]] std::optional<Octets> take(std::size_t count) {
    if (count > remaining()) return std::nullopt;
    const Octets taken = octets_.subspan(offset_, count);
    offset_ += count;
    return taken;
  }

  // Everything that is left, as a view.
  [[nodiscard]] Octets rest() {
    const Octets taken = octets_.subspan(offset_);
    offset_ = octets_.size();
    return taken;
  }

 private:
  template <typename Integer>
  [[gnu::always_inline]] std::optional<Integer> integer() {
    if (sizeof(Integer) > remaining()) return std::nullopt;
    Integer value{};
    std::memcpy(&value, octets_.data() + offset_, sizeof(Integer));
    offset_ += sizeof(Integer);
    return from_big_endian(value);
  }

  Octets octets_;
  std::size_t offset_ = 0;
};

// Writes big-endian fields to the front of a span. A write that would pass the end writes nothing
// and makes the writer not ok(), for good; one check at the end is enough.
class Writer {
 public:
  explicit Writer(MutableOctets octets) : octets_(octets) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t remaining() const { return octets_.size() - size_; }
  [[nodiscard]] Octets written() const { return octets_.first(size_); }

  void u8(std::uint8_t value) { integer(value); }
  void u16(std::uint16_t value) { integer(value); }
  void u32(std::uint32_t value) { integer(value); }
  void u64(std::uint64_t value) { integer(value); }

  void octets(Octets source) {
    if (!reserve(source.size()) || source.empty()) return;
    std::memcpy(octets_.data() + size_, source.data(), source.size());
    size_ += source.size();
  }

  void zeros(std::size_t count) {
    if (!reserve(count) || count == 0) return;
    std::memset(octets_.data() + size_, 0, count);
    size_ += count;
  }

  // Overwrites two octets written before, e.g. a length known only afterwards.
  void patch_u16(std::size_t at, std::uint16_t value) {
    if (!ok_ || at + 2 > size_) return;
    octets_[at] = static_cast<std::uint8_t>(value >> 8);
    octets_[at + 1] = static_cast<std::uint8_t>(value);
  }

  // Takes back everything after `size` and whatever had failed since.
  void rewind(std::size_t size) {
    if (size > size_) return;
    size_ = size;
    ok_ = true;
  }

 private:
  bool reserve(std::size_t count) {
    if (count > remaining()) ok_ = false;
    return ok_;
  }

  template <typename Integer>
  void integer(Integer value) {
    if (!reserve(sizeof(Integer))) return;
    const Integer octets = from_big_endian(value);
    std::memcpy(octets_.data() + size_, &octets, sizeof(Integer));
    size_ += sizeof(Integer);
  }

  MutableOctets octets_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace dotkeep
