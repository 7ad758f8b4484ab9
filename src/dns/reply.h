// What an upstream may answer: `check_reply` parses every record of a reply whole, holds it against
// the question that was asked and keeps only what answers it. Nothing of the upstream's octets
// survives but as fields that were understood. Pure; one pass; no allocation (it writes into a
// buffer of fixed size).
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "dns/name.h"
#include "dns/query.h"
#include "dns/types.h"

namespace dotkeep::dns {

// What we asked: the question in lower case, with our id and flags.
struct Asked {
  std::uint16_t id = 0;
  Question question;
  bool dnssec_ok = false;
  bool checking_disabled = false;
};

// Why a reply is not believed. Every value has a counter, a row in docs/errors.md and a test.
enum class ReplyFault : std::uint8_t {
  too_short,
  not_a_response,  // QR=0
  id_mismatch,
  opcode_mismatch,
  question_count,     // not exactly one question
  question_mismatch,  // not the question we asked (case-blind), or its class
  truncated_flag,     // TC over TLS
  unknown_rcode,
  bad_name,          // pointer forwards, loops, too long, reserved label type
  cut_short,         // ends inside a record
  trailing_octets,   // more octets than the counts say
  too_many_records,  // more than kMaxRecords
  too_large,         // decompressed, more than kMaxPacked
  bad_rdata,         // RDATA not of its type's form
  class_mismatch,    // a record not of class IN
  opt_invalid,       // a second OPT, owner not root, version not 0, options that overrun
  record_misplaced,  // TSIG, TKEY, SIG(0) or a meta or question-only type as a record
  chain_loop,        // CNAME/DNAME chain comes back or is too long
  chain_broken,      // two CNAMEs for one name, CNAME beside data, synthesised CNAME that the DNAME
                     // does not give, a name that it makes too long without YXDOMAIN
  nothing_answers,   // NOERROR with neither answer nor SOA to show for it: lame, referral
  upstream_servfail,  // well-formed SERVFAIL: not a lie, but try another upstream
  upstream_refused,   // REFUSED, NOTIMP, FORMERR, YXDOMAIN that no DNAME shows, ...: likewise
};
inline constexpr std::size_t kReplyFaults =
    static_cast<std::size_t>(ReplyFault::upstream_refused) + 1;
[[nodiscard]] const char* to_string(ReplyFault fault);

inline constexpr std::size_t kMaxRecords =
    4096;  // a 64 KiB message holds at most 5957 minimal records; honest ones hundreds
inline constexpr std::size_t kMaxPacked =
    std::size_t{2} * 65536;  // all records with names written out; compression saves at most half
                             // of an honest message
inline constexpr int kMaxChain =
    16;  // CNAME and DNAME steps from the question's name (Unbound and BIND stop at 11 to 17)

enum class Section : std::uint8_t { answer, authority };

// One record with its names written out, as a view into a Reply's buffer.
struct Record {
  Octets owner;  // uncompressed wire form, spelled as the upstream did
  Type type = Type::A;
  std::uint32_t ttl = 0;
  Octets rdata;  // names inside written out
};

// An Extended DNS Error (RFC 8914): text is UTF-8 without control characters, at most 64 octets.
struct Ede {
  ExtendedError code = ExtendedError::other;
  std::array<char, 64> text{};
  std::uint8_t text_size = 0;
};
inline constexpr std::size_t kMaxEdes = 4;  // an honest reply has one or two

// A believed reply. Records lie packed one after the other in `packed`, answer first:
// owner (uncompressed) | type u16 | ttl u32 | rdlength u16 | rdata, all big-endian.
struct Reply {
  Rcode rcode = Rcode::noerror;
  bool authentic_data = false;
  std::uint16_t answers = 0;
  std::uint16_t authorities = 0;
  Octets packed;
  std::array<Ede, kMaxEdes> edes{};
  std::uint8_t ede_count = 0;
  // EDNS keepalive that the server sent (RFC 7828), in units of 100 ms.
  std::optional<std::uint16_t> keepalive;
};

// Steps through packed records that check_reply wrote.
class RecordReader {
 public:
  explicit RecordReader(Octets packed) : reader_(packed) {}
  [[nodiscard]] std::optional<Record> next();

 private:
  Reader reader_;
};

// Working memory for one reply at a time; about 520 KiB, made once. Of that an honest reply touches
// a few pages, and clearing it costs nothing.
struct ReplyScratch;
struct ReplyScratchDeleter {
  void operator()(ReplyScratch* scratch) const;
};
using ReplyScratchPtr = std::unique_ptr<ReplyScratch, ReplyScratchDeleter>;
[[nodiscard]] ReplyScratchPtr make_reply_scratch();

// The reply in `message` to what was asked, or what is wrong with it. The Reply views `scratch` and
// is good until the next call with it.
[[nodiscard]] std::expected<Reply, ReplyFault> check_reply(const Asked& asked, Octets message,
                                                           ReplyScratch& scratch);

// The Extended DNS Errors of the message last given to check_reply, believed or not, as far as it
// was read: what an upstream says about its SERVFAIL. Good until the next call with `scratch`.
[[nodiscard]] std::span<const Ede> last_edes(const ReplyScratch& scratch);

}  // namespace dotkeep::dns
