// A strict cursor over DER (X.690): what BER allows and DER forbids is an error. Views only, no
// copies; every view lies inside the octets that were given.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace dotkeep::tls {

// Identifier octets of the types that certificates are made of.
enum class Tag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  null = 0x05,
  oid = 0x06,
  utf8_string = 0x0c,
  printable_string = 0x13,
  teletex_string = 0x14,
  ia5_string = 0x16,
  utc_time = 0x17,
  generalized_time = 0x18,
  universal_string = 0x1c,
  bmp_string = 0x1e,
  sequence = 0x30,
  set = 0x31,
  context_0_primitive = 0x80,  // [0]
  context_0 = 0xa0,            // [0], constructed
  context_1 = 0xa1,
  context_2 = 0xa2,
  context_3 = 0xa3,
};

struct Element {
  Tag tag = Tag::null;
  Octets content;
  Octets whole;  // with its identifier and length
};

// Moves forward through the elements of one constructed value. A getter that fails leaves the
// cursor where it was. Lengths: definite, minimal, at most 3 octets (16 MiB); tag numbers under 31.
class Der {
 public:
  explicit Der(Octets octets) : rest_(octets) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] bool next_is(Tag tag) const {
    return !rest_.empty() && rest_[0] == static_cast<std::uint8_t>(tag);
  }

  [[nodiscard]] std::optional<Element> any();
  // The next element, which must have this tag.
  [[nodiscard]] std::optional<Octets> get(Tag tag);
  // The elements inside the next one, which must have this tag.
  [[nodiscard]] std::optional<Der> enter(Tag tag);

  // TRUE is 0xff and nothing else. A DEFAULT FALSE must be left out, which is the caller's to
  // check.
  [[nodiscard]] std::optional<bool> boolean();
  // Content of an INTEGER: minimal, not negative.
  [[nodiscard]] std::optional<Octets> natural();
  // The same when it fits 31 bits.
  [[nodiscard]] std::optional<std::uint32_t> small_natural();
  // Content of a BIT STRING of whole octets.
  [[nodiscard]] std::optional<Octets> whole_octets_bit_string();
  // Seconds since the epoch of a UTCTime (1950 to 2049) or GeneralizedTime as RFC 5280 section
  // 4.1.2.5 wants them: with seconds and no fraction, in Z.
  [[nodiscard]] std::optional<std::int64_t> time();

 private:
  Octets rest_;
};

// Whether `content` is exactly these octets; for object identifiers.
[[nodiscard]] bool same_octets(Octets a, Octets b);

}  // namespace dotkeep::tls
