// EDNS(0) (RFC 6891): the OPT record and the options in it, read with bounds and written with
// limits. Shared by both directions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "dns/query.h"
#include "dns/render.h"
#include "dns/reply.h"
#include "dns/types.h"

namespace dotkeep::dns {

// An OPT without options: root owner, type, class, TTL, RDLENGTH.
inline constexpr std::size_t kOptSize = 11;
// OPTION-CODE and OPTION-LENGTH.
inline constexpr std::size_t kOptionHeaderSize = 4;
// The registry has some twenty options and an honest message a handful; what has more is made to
// be walked.
inline constexpr std::size_t kMaxEdnsOptions = 32;

// What an OPT record's CLASS, TTL and RDATA say (RFC 6891 section 6.1.3). The options are not yet
// looked at.
struct Opt {
  std::uint16_t payload = 0;        // CLASS: the sender's UDP payload size
  std::uint8_t extended_rcode = 0;  // the upper eight bits of the RCODE
  std::uint8_t version = 0;
  bool dnssec_ok = false;  // DO; the other flag bits are ignored
  Octets options;          // RDATA

  [[nodiscard]] static Opt from_fields(std::uint16_t record_class, std::uint32_t ttl, Octets rdata);
};

struct Option {
  EdnsOption code{};  // any 16-bit value may occur
  Octets data;
};

// Walks the options of an OPT's RDATA.
//   OptionReader options(opt.options);
//   while (const auto option = options.next()) ...
//   if (options.malformed()) ...
class OptionReader {
 public:
  explicit OptionReader(Octets rdata) : reader_(rdata) {}

  // The next option; nothing at the end, where an option overruns the RDATA, and past
  // kMaxEdnsOptions.
  [[nodiscard]] std::optional<Option> next();

  // Whether next() stopped for a reason other than the end.
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  Reader reader_;
  std::size_t count_ = 0;
  bool malformed_ = false;
};

// Writes one OPT record: construct, add options, finish(). Nothing is checked against a limit but
// by ede(); the Writer's own end holds always.
class OptWriter {
 public:
  // `rcode`'s upper eight bits go into the OPT, the lower four are the header's affair.
  OptWriter(Writer& out, std::uint16_t payload, Rcode rcode, bool dnssec_ok);

  void option(EdnsOption code, Octets data);

  // A padding option (RFC 7830) with `count` octets of padding, all zero.
  void padding(std::size_t count);

  // The Extended DNS Error if the message stays within `limit` octets with it: else without its
  // text, else not at all (RFC 8914 section 2).
  void ede(const Ede& ede, std::size_t limit);

  // Sets RDLENGTH.
  void finish();

 private:
  Writer* out_;
  std::size_t begin_;
};

// The OPT of an answer to a client that sent one: payload kUdpPayload, DO as the client said, then
// as far as `limit` (octets of the whole message) allows: the cookie, keepalive (on TCP, where the
// client asked), the EDEs of `reply_edes` and then of `options`. With options.truncate no EDEs: a
// slipped answer must not be longer than its query.
void write_client_opt(Writer& out, const ClientEdns& edns, Rcode rcode,
                      const ResponseOptions& options, std::span<const Ede> reply_edes,
                      std::size_t limit);

}  // namespace dotkeep::dns
