#include "upstream/choice.h"

namespace dotkeep::upstream {
namespace {

// Unknown is slower than anything known.
bool faster(const Candidate& a, const Candidate& b) {
  if (a.latency == Duration{}) return false;
  return b.latency == Duration{} || a.latency < b.latency;
}

// The better of two at random (the power of two choices): with many candidates the load spreads
// over the fast ones instead of falling on a single one.
std::size_t fastest(std::span<const Candidate> candidates, std::uint64_t draw) {
  const std::uint64_t count = candidates.size();
  const std::uint64_t explore = draw % kExploreOneIn;
  draw /= kExploreOneIn;
  const std::uint64_t first = draw % count;
  if (explore == 0) return first;
  draw /= count;
  const std::uint64_t second = (first + 1 + draw % (count - 1)) % count;
  return faster(candidates[second], candidates[first]) ? second : first;
}

std::size_t after(std::span<const Candidate> candidates, std::uint8_t last) {
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].server > last) return i;
  }
  return 0;
}

}  // namespace

std::size_t choose(config::Select select, std::span<const Candidate> candidates, std::uint8_t last,
                   std::uint64_t draw) {
  if (candidates.size() < 2) return 0;
  switch (select) {
    case config::Select::fastest:
      return fastest(candidates, draw);
    case config::Select::round_robin:
      return after(candidates, last);
    case config::Select::ordered:
      break;
  }
  return 0;
}

}  // namespace dotkeep::upstream
