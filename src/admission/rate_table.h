// Buckets of rates in a table of fixed size that several processes share: a bucket is two 64-bit
// words, each changed by compare-and-swap alone, so nobody ever waits for anybody and a process
// that dies holds nothing.
//
// A bucket lies at two places that a secret hash gives. Each of its words carries half of the rate
// and half of the burst, so both together let through what was promised and not a packet more, with
// any number of processes. A word says by twelve bits of the hash whose it is. While its owner's
// packets are being forgiven it is busy, afterwards anybody's. Who finds one of its places taken
// lives with half its rate; who finds both taken is let through uncounted: a crowded table fails
// towards service, and the bounds on what is pending still hold.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "admission/gcra.h"
#include "base/bytes.h"
#include "base/siphash.h"
#include "base/time.h"

namespace dotkeep::admission {

// A rate and a burst, as the two words of a bucket share them.
struct Limit {
  std::uint32_t burst[2] = {0, 0};
  Gcra half[2];

  // `rate` a second, at least 1; `burst` at once, at least 1. A burst of 1 has one word.
  [[nodiscard]] static Limit of(std::uint64_t rate, std::uint64_t burst);
};

class RateTable {
 public:
  using Word = std::atomic<std::uint64_t>;

  // `words`: a power of two of them, all zero at first; they outlive the table.
  RateTable(std::span<Word> words, const SipKey& key);

  // All limits that are charged here. A word that is further ahead than any of them can have
  // brought it was written by a process that was taken: it counts as never used, so that what such
  // a process leaves behind ends with it. Without this call only kMaxAhead bounds it.
  void set_limits(std::span<const Limit> limits);

  // A thing, by its secret hash.
  [[nodiscard]] std::uint64_t hash(Octets thing) const { return siphash(key_, thing); }
  // The bucket of a thing; `kind` keeps those of different kinds apart, of one thing too.
  [[nodiscard]] static std::uint64_t bucket(std::uint8_t kind, std::uint64_t hash);
  [[nodiscard]] std::uint64_t bucket(std::uint8_t kind, Octets thing) const {
    return bucket(kind, hash(thing));
  }

  enum class Charge : std::uint8_t { conforms, exceeds, crowded };
  // Takes one from the bucket if it is there. Cost: two cache misses at most.
  Charge charge(std::uint64_t bucket, const Limit& limit, Time now);
  // Takes one of what was given already, if need be into the red: at most a second's worth, so that
  // nobody is shut out for longer.
  void debit(std::uint64_t bucket, const Limit& limit, Time now);
  // Whether charge() would say so now.
  [[nodiscard]] bool exceeds(std::uint64_t bucket, const Limit& limit, Time now) const;

 private:
  [[nodiscard]] bool is_busy(std::uint64_t word, std::uint64_t now) const;
  [[nodiscard]] Word& word(std::uint64_t bucket, int half) const;
  Charge charge_half(std::uint64_t bucket, int half, const Limit& limit, std::uint64_t now);

  std::span<Word> words_;
  SipKey key_;
  std::uint64_t longest_ = kMaxAhead;  // what an honest word is ahead at most
};

}  // namespace dotkeep::admission
