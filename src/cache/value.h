// A believed reply as it is kept: its records as they lie in a response behind the question, and
// where their TTLs are, so that an answer is a copy.
//
//   flags u8 (AD, RCODE) | EDEs u8 | answers u16 | authorities u16 | a u16 for each record: where
//   its TTL is in the body | each EDE: code u16, size u8, text | body
//
// Compressed names in the body point into the question, which is as long in every answer.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "cache/lifetime.h"
#include "dns/reply.h"

namespace dotkeep::cache {

struct Value {
  bool authentic = false;  // AD
  dns::Rcode rcode = dns::Rcode::noerror;
  std::uint16_t answers = 0;
  std::uint16_t authorities = 0;
  std::uint8_t ede_count = 0;
  Octets ttls;  // offsets in `body`
  Octets edes;
  Octets body;

  // Nothing unless the octets are what Packer wrote.
  [[nodiscard]] static std::optional<Value> view(Octets octets);
  // Fills `out` with the Extended DNS Errors; how many.
  [[nodiscard]] std::size_t read_edes(std::span<dns::Ede, dns::kMaxEdes> out) const;
};

// A reply packed; the octets are good until the packer's next.
struct Packed {
  Octets octets;
  // How long it may be used: the least TTL of its records, for a negative answer RFC 2308 section
  // 5's; 0: not at all.
  Seconds lifetime = 0;
  bool no_such_name = false;  // NXDOMAIN for the question's own name
  bool positive = false;      // has records of the type that was asked
};

class Packer {
 public:
  Packer();

  // `asked`: the question in lower case. Nothing when it does not fit in a message of 64 KiB.
  [[nodiscard]] std::optional<Packed> pack(const dns::Question& asked, const dns::Reply& reply,
                                           const Limits& limits);
  // A SERVFAIL with its reasons.
  [[nodiscard]] Packed pack_failure(std::span<const dns::Ede> why);

 private:
  static constexpr std::size_t kMaxFixed =
      6 + 2 * dns::kMaxRecords + dns::kMaxEdes * (3 + sizeof(dns::Ede::text));
  struct Memory {
    std::array<std::uint8_t, dns::kMaxMessage> message;
    std::array<std::uint8_t, kMaxFixed + dns::kMaxMessage> packed;
  };
  std::unique_ptr<Memory> memory_;
};

}  // namespace dotkeep::cache
