// The working memory of check_reply: every record of one message with its names written out, and
// what finds records by owner without looking at all of them. Internal to reply*.cc.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/siphash.h"
#include "dns/name_view.h"
#include "dns/reply.h"
#include "dns/reply_index.h"

namespace dotkeep::dns {

inline constexpr std::uint16_t kNone = 0xffff;  // no record, no owner

// A record of the answer or authority section, packed in the arena as in Reply::packed.
struct ParsedRecord {
  std::uint32_t at = 0;  // of its owner in the arena
  std::uint32_t ttl = 0;
  Type type{};
  std::uint16_t rdata_size = 0;
  std::uint16_t owner = kNone;  // the number of its owner; answer section only
  std::uint16_t next = kNone;   // the next record of the same owner; answer section only
  std::uint8_t owner_size = 0;
  bool kept = false;
};

// A name that owns records of the answer section; number 0 is the question's name always.
struct Owner {
  std::uint32_t at = 0;  // in the arena
  std::uint16_t first = kNone;
  std::uint16_t last = kNone;
  std::uint8_t size = 0;
  bool visited = false;      // the chain passed here
  bool many_dnames = false;  // they are not all the same
  std::uint16_t dname = kNone;
  std::uint16_t next_dname = kNone;  // the next owner that has one
};

struct ReplyScratch {
  // Type, TTL and RDLENGTH between owner and RDATA.
  static constexpr std::size_t kFixed = 8;

  SipKey key{};  // secret: nobody can choose names or RDATA that collide
  std::array<std::uint8_t, kMaxName + kMaxPacked> arena;  // the question's name, then all records
  std::array<std::uint8_t, kMaxPacked> packed;            // what is kept
  std::array<ParsedRecord, kMaxRecords> records;          // answer, then authority
  std::array<Owner, kMaxRecords + 1> owners;
  std::array<std::uint16_t, kMaxRecords> members;  // of the RRset in hand
  Index owner_index;
  Index rdata_index;

  std::uint16_t answers = 0;
  std::uint16_t authorities = 0;
  std::uint16_t owner_count = 0;
  std::uint16_t first_dname = kNone;  // an owner
  std::uint16_t dname_owners = 0;

  // From the OPT.
  bool has_opt = false;
  std::uint8_t extended_rcode = 0;
  std::optional<std::uint16_t> keepalive;
  std::array<Ede, kMaxEdes> edes;
  std::uint8_t ede_count = 0;

  // Forgets the last reply. Cost: none that depends on its size.
  void clear();

  // The number of an owner of this name; kNone when it owns nothing in the answer section. Few
  // owners, which is what honest replies have, are looked through: a table of this size would cost
  // each reply a line of memory that no cache holds.
  [[nodiscard]] std::uint16_t find_owner(Octets name) const;
  // The same, made if need be. `name` lies in the arena at `at`.
  [[nodiscard]] std::uint16_t intern_owner(std::uint32_t at, std::uint8_t size);
  // Puts an answer record into its owner's list.
  void add_answer(std::uint16_t record);

  [[nodiscard]] Octets name_of(const Owner& owner) const { return view(owner.at, owner.size); }
  [[nodiscard]] Octets owner_of(const ParsedRecord& record) const {
    return view(record.at, record.owner_size);
  }
  [[nodiscard]] Octets rdata_of(const ParsedRecord& record) const {
    return view(record.at + record.owner_size + kFixed, record.rdata_size);
  }
  [[nodiscard]] Octets whole(const ParsedRecord& record) const {
    return view(record.at, record.owner_size + kFixed + record.rdata_size);
  }

 private:
  static constexpr std::uint16_t kFewOwners = 8;
  void index_owner(std::uint16_t number);
  void add_dname(std::uint16_t record);

  [[nodiscard]] Octets view(std::size_t at, std::size_t size) const {
    return Octets(arena).subspan(at, size);
  }
};

// An RRSIG's fields that selection looks at (RFC 4034 section 3.1); `rdata` was checked.
[[nodiscard]] inline Type covered_type(Octets rdata) {
  return static_cast<Type>(rdata[0] << 8 | rdata[1]);
}
[[nodiscard]] Octets signer_name(Octets rdata);

}  // namespace dotkeep::dns
