// Which question is in flight under which slot: so that one that is asked again waits for the
// answer to the first. A hash table of fixed size under a secret.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/siphash.h"

namespace dotkeep::frontend {

class QuestionIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // Slots are numbers below `capacity`.
  explicit QuestionIndex(std::size_t capacity);

  // The slot under `key` for which same(slot) holds, or kNone. O(1) expected.
  template <typename Same>
  [[nodiscard]] std::uint32_t find(Octets key, Same same) const {
    const std::uint64_t hash = siphash(secret_, key);
    for (std::uint32_t slot = buckets_[bucket_of(hash)]; slot != kNone;
         slot = entries_[slot].next) {
      if (entries_[slot].hash == hash && same(slot)) return slot;
    }
    return kNone;
  }
  // `slot` is under no key yet.
  void add(Octets key, std::uint32_t slot);
  void remove(std::uint32_t slot);

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint32_t next = kNone;
  };
  [[nodiscard]] std::size_t bucket_of(std::uint64_t hash) const {
    return (hash >> 32) * buckets_.size() >> 32;
  }

  SipKey secret_{};
  std::vector<std::uint32_t> buckets_;
  std::vector<Entry> entries_;  // by slot
};

}  // namespace dotkeep::frontend
