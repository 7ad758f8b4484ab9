// ASCII case, eight octets at a time (RFC 4343 section 3: nothing but A to Z has a lower case).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "dns/name.h"

namespace dotkeep::dns {

// `word` with every octet that is an upper-case ASCII letter in lower case. Length octets of a wire
// name are at most 63, below 'A', so a whole name can be given.
[[nodiscard]] constexpr std::uint64_t lower_eight(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  const std::uint64_t low_seven = word & (0x7f * ones);
  // Neither sum carries into the next octet; its high bit says "at least A" and "beyond Z".
  const std::uint64_t from_a = low_seven + (0x80 - 'A') * ones;
  const std::uint64_t beyond_z = low_seven + (0x7f - 'Z') * ones;
  const std::uint64_t upper = (from_a ^ beyond_z) & ~word & (0x80 * ones);
  return word | upper >> 2;
}

// Eight octets as they lie; a load, not a loop.
[[nodiscard]] inline std::uint64_t load_eight(const std::uint8_t* octets) {
  std::uint64_t word = 0;
  std::memcpy(&word, octets, sizeof word);
  return word;
}

// Writes `count` octets of `from` in lower case to `to`; they may be the same place.
inline void copy_lower(const std::uint8_t* from, std::size_t count, std::uint8_t* to) {
  std::size_t at = 0;
  for (; count - at >= 8; at += 8) {
    const std::uint64_t word = lower_eight(load_eight(from + at));
    std::memcpy(to + at, &word, sizeof word);
  }
  for (; at < count; ++at) to[at] = to_lower(from[at]);
}

// Whether `count` octets are equal but for case.
[[nodiscard]] inline bool equal_but_case(const std::uint8_t* a, const std::uint8_t* b,
                                         std::size_t count) {
  std::size_t at = 0;
  for (; count - at >= 8; at += 8) {
    if (lower_eight(load_eight(a + at)) != lower_eight(load_eight(b + at))) return false;
  }
  for (; at < count; ++at) {
    if (to_lower(a[at]) != to_lower(b[at])) return false;
  }
  return true;
}

}  // namespace dotkeep::dns
