// Name compression of our own (RFC 1035 section 4.1.4): remembers where each suffix of each name
// was written and points there the next time.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "dns/types.h"

namespace dotkeep::dns {

class Compressor {
 public:
  // `slots` is the memory: zeros, a power of two of them. A message with more suffixes than three
  // quarters of that is right as ever but compressed less. Names are written to the message that
  // `out` writes from its beginning.
  Compressor(std::span<std::uint32_t> slots, Writer& out) : slots_(slots), out_(&out) {}

  // Writes `name` (uncompressed wire form) as labels and, where a suffix of it was written before,
  // a pointer. ASCII case does not matter; the spelling written first stands.
  // Cost: linear in the name; a look-up takes at most kMaxProbes steps of one label each, whoever
  // chose the names.
  void write(Octets name);

 private:
  static constexpr std::size_t kMaxProbes = 8;

  // Where the suffix was written that begins with `label` (in lower case, readable for seven octets
  // more), or 0. What follows that label was written at `rest`, 0 where that is the root.
  [[nodiscard]] std::size_t find(std::uint32_t hash, const std::uint8_t* label,
                                 std::size_t rest) const;
  void remember(std::uint32_t hash, std::size_t at);
  [[nodiscard]] bool is_at(std::size_t at, const std::uint8_t* label, std::size_t rest) const;

  // A slot: the offset in the low 14 bits (0: empty), the hash's high 18 above.
  std::span<std::uint32_t> slots_;
  std::size_t used_ = 0;
  Writer* out_;
};

}  // namespace dotkeep::dns
