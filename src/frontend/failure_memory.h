// Which upstreams could not answer which questions a moment ago: they are not asked for them again
// (RFC 9520 section 3.2), while others are. What fails everywhere, the cache remembers.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/siphash.h"
#include "cache/lifetime.h"

namespace dotkeep::frontend {

class FailureMemory {
 public:
  // Pairs of question and upstream; where two want the same place the newer has it.
  static constexpr std::size_t kPlaces = 4096;

  explicit FailureMemory(const SipKey& secret);

  // `key`: of a cache::Key. Remembered for 1 s, and for ever longer up to 30 s while it goes on.
  void failed(Octets key, unsigned upstream, cache::Moment now);
  // Those of `upstreams` (bit i: Config::upstreams[i]) that failed and are to be left alone. Cost:
  // a hash, and a look for each upstream.
  [[nodiscard]] std::uint64_t failing(Octets key, std::uint64_t upstreams, cache::Moment now) const;
  // Upstreams have other numbers now.
  void clear();

 private:
  struct Place {
    std::uint64_t pair;  // 0: nobody's
    cache::Ticks until;
    std::uint32_t failures;
  };
  [[nodiscard]] static std::uint64_t pair_of(std::uint64_t question, unsigned upstream);
  [[nodiscard]] Place& place_of(std::uint64_t pair) const { return places_[pair % kPlaces]; }

  SipKey secret_;
  std::unique_ptr<Place[]> places_;
};

}  // namespace dotkeep::frontend
