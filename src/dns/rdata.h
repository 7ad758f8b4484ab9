// The one table of record types: what their RDATA consists of, field by field, and whether names in
// it may be compressed. The parser, the renderer and the presentation form all read it; a new type
// is one row in rdata_table.cc.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "dns/reply.h"
#include "dns/types.h"

namespace dotkeep::dns {

enum class Field : std::uint8_t {
  none,
  u8,
  assigned,  // u8, not 0, which its registry reserves
  u16,
  u32,
  u64,
  time,     // u32, seconds since 1970 (RFC 4034 section 3.1.5)
  type,     // u16, an RRTYPE
  ipv4,     // 4 octets
  ipv6,     // 16 octets
  eui48,    // 6 octets
  eui64,    // 8 octets
  name,     // a domain name; compressed as the row's `names` allows
  string,   // <character-string>: a length and up to 255 octets (RFC 1035 section 3.3)
  strings,  // one or more of them, to the end
  salt,     // a length and as many octets, possibly none (RFC 5155 section 3.2)
  hash,     // a length and at least one octet
  bitmap,   // types in windows, to the end, possibly empty (RFC 4034 section 4.1.2)
  digest,   // to the end; of the length that the octet before it calls for, where that is known
  rest,     // to the end, at least one octet
  rest_or_none,  // to the end, possibly nothing
  quoted,        // like rest, but text (RFC 7553 section 4.2)
  quoted_or_none,
  caa_tag,     // a length and 1..255 ASCII letters or digits (RFC 8659 section 4.1)
  loc,         // 16 octets of version 0 (RFC 1876)
  apl,         // address prefixes, to the end (RFC 3123)
  gateway,     // by the gateway type two octets before: nothing, IPv4, IPv6, name (RFC 4025
               // section 2.5)
  svc_params,  // keys ascending with their values, to the end (RFC 9460 section 2.2)
};

// What may be done with the names in RDATA (RFC 3597 section 4).
enum class Names : std::uint8_t {
  absent,
  plain,       // never compressed, neither by us nor by others
  lenient,     // well-known software once compressed them: read so, never written so
  compressed,  // types of RFC 1035: compressed in both directions
  misplaced,   // no such record may stand in a reply: meta and question-only types, OPT apart
};

inline constexpr std::size_t kMaxFields = 9;

struct RdataForm {
  std::string_view mnemonic;
  Type type = Type::A;
  std::uint16_t rfc = 0;
  Names names = Names::absent;
  std::array<Field, kMaxFields> fields{};  // Field::none after the last
};

// The row of a type. A type without a row has one that says opaque (RFC 3597), or misplaced where
// its number is in the range of meta types (0, 128 to 255; RFC 6895 section 3.1).
[[nodiscard]] const RdataForm& form_of(Type type);

// Checks the RDATA that is `message[at, at + size)` against the form and writes it to `out` with
// its names written out. ReplyFault::bad_rdata, bad_name or too_large. Cost: linear in what is
// written.
[[nodiscard]] std::expected<void, ReplyFault> copy_rdata(const RdataForm& form, Octets message,
                                                         std::size_t at, std::size_t size,
                                                         Writer& out);

// The length of a field at the front of `rest`, RDATA that copy_rdata wrote and so is valid. Not
// for a gateway, whose length depends on what is before it.
[[nodiscard]] std::size_t field_size(Field field, Octets rest);

// No RDATA whose names we may compress is larger: an SOA's two names and five numbers.
inline constexpr std::size_t kMaxCompressible = 2 * kMaxName + 20;

// RDATA with the names that we may compress in lower case, so that records which our compressor
// could make the same compare as the same; RDATA of other types as it is. `space` may be returned.
[[nodiscard]] Octets fold_names(const RdataForm& form, Octets rdata,
                                std::span<std::uint8_t, kMaxCompressible> space);

}  // namespace dotkeep::dns
