// The cache in a file, over restarts: two slots (cache/slot.h) that lie in memory, saved and loaded
// a little at a time. Real time is for what the process cannot have seen: how old a record is that
// another process wrote.
//
// A record: when it was stored, real time u64 | flags u8 | the answer as a DNS message with the
// TTLs it had then. It is read as an upstream's reply is, by check_reply and then the Packer, so
// nothing gets in that could not have come from there.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "cache/cache.h"
#include "cache/slot.h"
#include "cache/value.h"
#include "dns/reply.h"

namespace dotkeep::cache {

// Now, by both clocks.
struct Clocks {
  Seconds monotonic = 0;
  std::uint64_t real = 0;  // seconds since 1970
};

class File {
 public:
  // `memory`: two slots of the same size, which outlive this. `purpose`: see read_head.
  // `allows`: whether today's policy has no objection to a reply that could have come.
  using Allows = std::function<bool(const dns::Question& question, const dns::Reply& reply)>;
  File(MutableOctets memory, std::uint64_t purpose, Cache& cache, Allows allows);

  enum class Step : std::uint8_t { more, done };

  // Looks at up to `count` records; the slot that is newest and whole ends up in the cache, but for
  // what is too old, or there already. What became of it: outcome().
  Step load(std::size_t count, const Clocks& now);
  struct Outcome {
    std::size_t loaded = 0;
    std::size_t expired = 0;            // or from the future
    std::size_t refused = 0;            // not what we would have kept
    std::array<SlotFault, 2> faults{};  // of the slots, where they have one
    std::array<bool, 2> faulty{};
  };
  [[nodiscard]] const Outcome& outcome() const { return outcome_; }

  void set_purpose(std::uint64_t purpose) { purpose_ = purpose; }

  // Both slots are empty from here on; a load or a save that goes on ends: what an operator wants
  // forgotten may be in any of them.
  void forget();

  // Begins to write the older slot. Not while a load goes on.
  void begin_save();
  // Goes through up to `count` cells; the slot counts when it says done.
  Step save(std::size_t count, const Clocks& now);
  [[nodiscard]] std::uint64_t saved() const { return saved_; }  // records, in the last save

 private:
  [[nodiscard]] MutableOctets slot(unsigned number) const;
  void choose();
  void read(Octets record, const Clocks& now);
  void refuse() { ++outcome_.refused; }

  // The longest message and what stands before it must have a 16-bit size.
  static constexpr std::size_t kMaxRecord = UINT16_MAX;
  struct Memory {
    std::array<std::uint8_t, kMaxRecord> record;
  };

  MutableOctets memory_;
  std::uint64_t purpose_;
  Cache* cache_;
  Allows allows_;
  Packer packer_;
  dns::ReplyScratchPtr scratch_;
  std::unique_ptr<Memory> space_;
  std::uint64_t generation_ = 0;  // of the newest slot that is whole
  unsigned newest_ = 1;
  // While loading.
  bool chosen_ = false;
  std::array<std::optional<SlotHead>, 2> heads_;
  std::optional<SlotReader> reader_;
  bool verified_ = false;
  Outcome outcome_;
  // While saving.
  std::optional<SlotWriter> writer_;
  CellId cell_ = 0;
  std::uint64_t saved_ = 0;
};

}  // namespace dotkeep::cache
