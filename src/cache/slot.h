// One of the two places in the file where a frontend's cache is kept. A slot is all there or not at
// all: its head is wiped before the first record is written and comes back after the last, and a
// checksum covers every octet. Of two good slots the later counts; while one is written the other
// stays.
//
//   head: magic u64 | purpose u64 | generation u64 | records u64 | octets u64 | checksum of the
//         records u64 | checksum of the head u64
//   from kHeadSize on, the records: size u16 | octets
//
// The checksum finds accidents, not forgers: what is read is as hostile as what an upstream says.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace dotkeep::cache {

inline constexpr std::size_t kHeadSize = 4096;  // a page: it is written apart from the records

struct SlotHead {
  std::uint64_t generation = 0;
  std::uint64_t records = 0;
  std::uint64_t octets = 0;
  std::uint64_t checksum = 0;
};

enum class SlotFault : std::uint8_t {
  empty,    // nothing was ever written, or not to its end
  torn,     // damaged
  foreign,  // of another version, configuration or size
};
[[nodiscard]] std::string_view to_string(SlotFault fault);

// Nothing is in it from here on.
void wipe_head(MutableOctets slot);

// `purpose`: a number that writer and reader must share for the records to be of use.
[[nodiscard]] std::expected<SlotHead, SlotFault> read_head(Octets slot, std::uint64_t purpose);

class SlotWriter {
 public:
  // Wipes the head.
  SlotWriter(MutableOctets slot, std::uint64_t purpose, std::uint64_t generation);

  // False: the slot is full; what was written stays good.
  bool add(Octets record);
  // The slot counts from here on.
  void finish();

 private:
  MutableOctets slot_;
  std::uint64_t purpose_;
  SlotHead head_;
};

// Goes through the records of a slot, twice: first to see whether they are what was written, then
// for their content.
class SlotReader {
 public:
  SlotReader(Octets slot, const SlotHead& head);

  // Looks at up to `count` records more. Once all have been seen: whether the slot is whole.
  [[nodiscard]] std::optional<bool> verify(std::size_t count);
  // The next record, as a copy in `out`; nothing at the end. After verify() has said true.
  [[nodiscard]] std::optional<Octets> next(MutableOctets out);

 private:
  [[nodiscard]] std::optional<Octets> record();

  Octets records_;
  SlotHead head_;
  std::size_t at_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t checksum_ = 0;
};

}  // namespace dotkeep::cache
