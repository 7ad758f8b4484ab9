#include "admission/rate_table.h"

#include <array>
#include <cstring>

namespace dotkeep::admission {
namespace {

// How far debit() goes into the red: what was let through while the answers to what came before
// were on their way.
constexpr std::uint64_t kMostRed = kTicksPerSecond;

std::uint64_t owner_of(std::uint64_t bucket) {
  return bucket >> kTatBits;
}

}  // namespace

Limit Limit::of(std::uint64_t rate, std::uint64_t burst) {
  Limit limit;
  limit.burst[1] = static_cast<std::uint32_t>(burst / 2);
  limit.burst[0] = static_cast<std::uint32_t>(burst - burst / 2);
  if (limit.burst[1] == 0) {
    limit.half[0] = Gcra::of(rate, burst);
    return limit;
  }
  for (int half = 0; half < 2; ++half) {
    // Half the rate is twice the interval: no rounding of an odd rate.
    limit.half[half] = Gcra::of(rate, 1);
    limit.half[half].interval = (2 * kTicksPerSecond + rate - 1) / rate;
    limit.half[half].tolerance =
        std::min((limit.burst[half] - 1) * limit.half[half].interval, kMaxAhead / 2);
  }
  return limit;
}

RateTable::RateTable(std::span<Word> words, const SipKey& key) : words_(words), key_(key) {}

void RateTable::set_limits(std::span<const Limit> limits) {
  longest_ = 0;
  for (const Limit& limit : limits) {
    for (const Gcra& gcra : limit.half) {
      longest_ = std::max(longest_, gcra.tolerance + gcra.interval + kMostRed);
    }
  }
}

// A word that never was used is nobody's, whatever the time.
bool RateTable::is_busy(std::uint64_t word, std::uint64_t now) const {
  const std::uint64_t ahead = ahead_of(word & kTatMask, now);
  return word != 0 && ahead != 0 && ahead <= longest_;
}

// One to one, so that no two things share more than their hashes do: SplitMix64's finalizer
// (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
std::uint64_t RateTable::bucket(std::uint8_t kind, std::uint64_t hash) {
  std::uint64_t z = hash + (kind + std::uint64_t{1}) * 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

RateTable::Word& RateTable::word(std::uint64_t bucket, int half) const {
  // The owner's bits are the upper twelve; each place takes 26 of the others.
  return words_[(bucket >> (26 * half)) & (words_.size() - 1)];
}

RateTable::Charge RateTable::charge_half(std::uint64_t bucket, int half, const Limit& limit,
                                         std::uint64_t now) {
  Word& word = this->word(bucket, half);
  const Gcra& gcra = limit.half[half];
  const std::uint64_t owner = owner_of(bucket);
  std::uint64_t seen = word.load(std::memory_order_relaxed);
  while (true) {
    std::uint64_t tat = now;
    if (is_busy(seen, now)) {
      if (seen >> kTatBits != owner) return Charge::crowded;
      tat = seen & kTatMask;
      if (!gcra.conforms(tat, now)) return Charge::exceeds;
    }
    const std::uint64_t next = owner << kTatBits | gcra.after(tat, now);
    if (word.compare_exchange_weak(seen, next, std::memory_order_relaxed)) return Charge::conforms;
  }
}

RateTable::Charge RateTable::charge(std::uint64_t bucket, const Limit& limit, Time now) {
  const std::uint64_t at = ticks(now);
  const Charge first = charge_half(bucket, 0, limit, at);
  if (first == Charge::conforms || limit.burst[1] == 0) return first;
  const Charge second = charge_half(bucket, 1, limit, at);
  if (second == Charge::conforms) return second;
  // A half that is its own and spent says that it asks too much.
  return first == Charge::exceeds ? first : second;
}

void RateTable::debit(std::uint64_t bucket, const Limit& limit, Time now) {
  const std::uint64_t at = ticks(now);
  for (int half = 0; half < 2 && limit.burst[half] != 0; ++half) {
    if (charge_half(bucket, half, limit, at) == Charge::conforms) return;
  }
  // Both are spent: the one that is less in the red goes further, if it is this bucket's.
  int less = 0;
  std::uint64_t least = kTatMask;
  for (int half = 0; half < 2 && limit.burst[half] != 0; ++half) {
    const std::uint64_t seen = word(bucket, half).load(std::memory_order_relaxed);
    const std::uint64_t ahead = ahead_of(seen & kTatMask, at);
    if (seen >> kTatBits != owner_of(bucket) || ahead >= least) continue;
    least = ahead;
    less = half;
  }
  if (least >= limit.half[less].tolerance + kMostRed) return;
  Word& word = this->word(bucket, less);
  std::uint64_t seen = word.load(std::memory_order_relaxed);
  const std::uint64_t next =
      owner_of(bucket) << kTatBits | limit.half[less].after(seen & kTatMask, at);
  // Losing a race to another who takes from it loses one of many.
  if (seen >> kTatBits == owner_of(bucket)) {
    word.compare_exchange_strong(seen, next, std::memory_order_relaxed);
  }
}

bool RateTable::exceeds(std::uint64_t bucket, const Limit& limit, Time now) const {
  const std::uint64_t at = ticks(now);
  bool spent = false;
  for (int half = 0; half < 2 && limit.burst[half] != 0; ++half) {
    const std::uint64_t seen = word(bucket, half).load(std::memory_order_relaxed);
    const bool own = seen >> kTatBits == owner_of(bucket);
    if (!is_busy(seen, at) || (own && limit.half[half].conforms(seen & kTatMask, at))) return false;
    spent = spent || own;
  }
  return spent;
}

}  // namespace dotkeep::admission
