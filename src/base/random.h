// Unpredictable numbers from the kernel's generator, a page at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace dotkeep {

// Fills `out` from getrandom(2). Never fails on a kernel that has booted; ends the process if it
// does, since nothing that follows would be safe.
void fill_random(MutableOctets out);

// A buffered source; each octet is given out once and wiped. Cost: one getrandom(2) in 512 calls.
class Random {
 public:
  [[nodiscard]] std::uint64_t u64();
  [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(u64()); }
  [[nodiscard]] std::uint16_t u16() { return static_cast<std::uint16_t>(u64()); }
  // Uniform in [0, bound); 0 when bound is 0 or 1.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);

 private:
  std::array<std::uint8_t, 4096> pool_{};
  std::size_t used_ = sizeof(pool_);
};

}  // namespace dotkeep
