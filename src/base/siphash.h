// SipHash-2-4 (Aumasson and Bernstein, 2012): the keyed hash behind every table that strangers
// fill.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace dotkeep {

using SipKey = std::array<std::uint64_t, 2>;

// A 64-bit hash of `data` that nobody without the key can steer. Cost: about one cycle an octet.
[[nodiscard]] std::uint64_t siphash(const SipKey& key, Octets data);

}  // namespace dotkeep
