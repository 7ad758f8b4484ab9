// A domain name in wire form (RFC 1035 section 3.1): labels with their lengths, the root last,
// never compressed. It holds at most 255 octets, by value, so a name needs no memory of its own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "dns/types.h"

namespace dotkeep::dns {

class Name {
 public:
  // The root.
  Name() { octets_[0] = 0; }

  // An uncompressed name from the front of `reader`: no pointer, no reserved label type, labels of
  // at most 63 octets, 255 in all. Nothing, and the cursor unmoved, on anything else.
  [[nodiscard]] static std::optional<Name> parse(Reader& reader);
  // The same in place; false, and this name as it was, on anything else.
  [[nodiscard]] bool read(Reader& reader);

  // A name from text in presentation form ("www.example", a final dot allowed, \DDD and \X escapes;
  // RFC 1035 section 5.1, RFC 4343 section 2.1). For configuration and tests.
  [[nodiscard]] static std::optional<Name> from_text(std::string_view text);

  // Takes octets that are known to be a valid uncompressed name (e.g. that `parse` accepted
  // before).
  [[nodiscard]] static Name trusted(Octets wire);

  [[nodiscard]] Octets wire() const { return {octets_.data(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool is_root() const { return size_ == 1; }
  [[nodiscard]] int labels() const;

  // ASCII letters in lower case (RFC 4343 section 3); other octets as they are.
  [[nodiscard]] Name lower() const;

  // Equal without regard to ASCII case.
  [[nodiscard]] bool same_as(const Name& other) const;

  // This name is `ancestor` or below it; every name is below the root.
  [[nodiscard]] bool is_within(const Name& ancestor) const;

  // The name without its left-most label; the root's parent is the root.
  [[nodiscard]] Name parent() const;

  // Presentation form with a final dot; every octet that is not a printable, unspecial ASCII
  // character is escaped as \DDD. Returns what it wrote; `out` should hold 1024.
  [[nodiscard]] std::string_view to_text(std::span<char> out) const;

 private:
  std::array<std::uint8_t, kMaxName> octets_;
  std::uint8_t size_ = 1;
};

[[nodiscard]] constexpr std::uint8_t to_lower(std::uint8_t c) {
  return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c | 0x20) : c;
}

}  // namespace dotkeep::dns
