#include "base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace dotkeep {

void fill_random(MutableOctets out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      std::abort();
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::uint64_t Random::u64() {
  if (used_ == pool_.size()) {
    fill_random(pool_);
    used_ = 0;
  }
  std::uint64_t value = 0;
  std::memcpy(&value, pool_.data() + used_, sizeof value);
  explicit_bzero(pool_.data() + used_, sizeof value);
  used_ += sizeof value;
  return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound < 2) return 0;
  // Values under 2^64 mod bound are drawn again, so that every remainder is equally likely.
  const std::uint64_t reject = (0 - bound) % bound;
  while (true) {
    const std::uint64_t value = u64();
    if (value >= reject) return value % bound;
  }
}

}  // namespace dotkeep
