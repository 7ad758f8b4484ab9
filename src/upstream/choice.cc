#include "upstream/choice.h"

#include <cmath>

namespace dotkeep::upstream {
namespace {

// Unknown is slower than anything known.
bool faster(const Candidate& a, const Candidate& b) {
  if (a.latency == Duration{}) return false;
  return b.latency == Duration{} || a.latency * b.weight < b.latency * a.weight;
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

std::size_t by_weight(std::span<const Candidate> candidates, std::uint64_t draw) {
  std::uint64_t sum = 0;
  for (const Candidate& candidate : candidates) sum += candidate.weight;
  if (sum == 0) return 0;  // no weight is 0
  std::uint64_t left = draw % sum;
  std::size_t i = 0;
  while (left >= candidates[i].weight) left -= candidates[i++].weight;
  return i;
}

// A finalizer of good avalanche (splitmix64's): what it makes of two neighbours has nothing in
// common.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

// Rendezvous hashing: each candidate draws a number for the name, the least of them has it. Who
// leaves takes only its own names along. With weights the numbers are exponentially distributed.
std::size_t by_name(std::span<const Candidate> candidates, std::uint64_t name) {
  std::size_t best = 0;
  double least = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const std::uint64_t its = mixed(name + (candidates[i].server + 1) * 0x9e3779b97f4a7c15);
    const double uniform = (static_cast<double>(its >> 11) + 1) / 9007199254740993.0;
    const double drawn = -std::log(uniform) / candidates[i].weight;
    if (i != 0 && drawn >= least) continue;
    least = drawn;
    best = i;
  }
  return best;
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
    case config::Select::random:
      return by_weight(candidates, draw);
    case config::Select::hash:
    case config::Select::spread:
      return by_name(candidates, draw);
    case config::Select::ordered:
      break;
  }
  return 0;
}

}  // namespace dotkeep::upstream
