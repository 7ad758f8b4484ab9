#include "frontend/failure_memory.h"

#include <algorithm>
#include <bit>

namespace dotkeep::frontend {

FailureMemory::FailureMemory(const SipKey& secret)
    : secret_(secret), places_(std::make_unique<Place[]>(kPlaces)) {}

std::uint64_t FailureMemory::pair_of(std::uint64_t question, unsigned upstream) {
  // An odd factor, so that the pairs of a question lie far apart; never 0.
  return (question + upstream * 0x9e3779b97f4a7c15U) | std::uint64_t{1} << 63;
}

void FailureMemory::failed(Octets key, unsigned upstream, cache::Moment now) {
  const std::uint64_t pair = pair_of(siphash(secret_, key), upstream);
  Place& place = place_of(pair);
  const bool again = place.pair == pair &&
                     now.ticks() < place.until + cache::kFailureMemory * cache::kTicksPerSecond;
  place.failures = again ? std::min(place.failures + 1, 255U) : 1;
  place.pair = pair;
  place.until = now.after(cache::back_off(place.failures));
}

std::uint64_t FailureMemory::failing(Octets key, std::uint64_t upstreams, cache::Moment now) const {
  const std::uint64_t question = siphash(secret_, key);
  std::uint64_t found = 0;
  for (; upstreams != 0; upstreams &= upstreams - 1) {
    const auto upstream = static_cast<unsigned>(std::countr_zero(upstreams));
    const std::uint64_t pair = pair_of(question, upstream);
    const Place& place = place_of(pair);
    if (place.pair == pair && now.ticks() < place.until) found |= std::uint64_t{1} << upstream;
  }
  return found;
}

void FailureMemory::clear() {
  std::fill_n(places_.get(), kPlaces, Place{});
}

}  // namespace dotkeep::frontend
