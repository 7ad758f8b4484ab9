#include "upstream/backoff.h"

#include <algorithm>

#include "upstream/limits.h"

namespace dotkeep::upstream {

void Backoff::fail(Time now, std::uint64_t draw) {
  const Duration whole = std::min(kFirstBackoff * (std::int64_t{1} << level_), kMaxBackoff);
  const auto part = static_cast<std::int64_t>(draw % 256);
  until_ = now + whole - whole / 4 * part / 256;
  if (whole < kMaxBackoff) ++level_;
}

}  // namespace dotkeep::upstream
