// Names as views of uncompressed wire form that was checked before: what the reply's selection and
// the compressor compare without copying. ASCII case never matters (RFC 4343).
#pragma once

#include <bitset>
#include <cstdint>

#include "base/bytes.h"
#include "base/siphash.h"
#include "dns/types.h"

namespace dotkeep::dns {

// Cost: one memcmp where the spelling is the same, else one pass.
[[nodiscard]] bool same_name(Octets a, Octets b);

// `name` is `ancestor` or below it. Cost: one step a label and one comparison.
[[nodiscard]] bool name_within(Octets name, Octets ancestor);

// All names that one name is within, for asking about many. Cost: one step a label to make it, then
// one comparison a question and for most not even that.
class Ancestors {
 public:
  explicit Ancestors(Octets name);
  // As name_within(name, ancestor).
  [[nodiscard]] bool has(Octets ancestor) const;

 private:
  Octets name_;
  std::bitset<kMaxName + 1> sizes_;  // where labels begin, counted from the end
};

// The name without its left-most label; the root's parent is the root.
[[nodiscard]] Octets name_parent(Octets name);

// Equal names have equal hashes, whatever their case.
[[nodiscard]] std::uint64_t hash_name(const SipKey& key, Octets name);

}  // namespace dotkeep::dns
