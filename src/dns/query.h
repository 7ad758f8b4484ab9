// What a client may say: `parse_query` turns the octets of one message into a Query that is known
// to be well formed, or into a Rejection that knows why not and what may be answered. Pure; no
// allocation; one pass. The table it implements is docs/accepted.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include "base/bytes.h"
#include "dns/name.h"
#include "dns/types.h"

namespace dotkeep::dns {

// A question of class IN.
struct Question {
  Name name;  // as the asker spelled it
  Type type = Type::A;
};

// A COOKIE option (RFC 7873): 8 octets of the client's, then 0 or 8..32 of the server's.
struct Cookie {
  std::array<std::uint8_t, 40> octets{};
  std::uint8_t size = 0;
};

// What the client's OPT said, as far as we act on it. Client subnet and unknown options are dropped
// here.
struct ClientEdns {
  // The client's UDP payload size as it came; response_limit() says what that allows.
  std::uint16_t payload = 0;
  bool dnssec_ok = false;
  bool asks_keepalive = false;  // RFC 7828, empty option seen
  bool asks_padding = false;    // RFC 7830
  std::optional<Cookie> cookie;
};

struct Query {
  Query() {}  // NOLINT(*-use-equals-default): a default one would have all of it zeroed first
  std::uint16_t id = 0;
  std::uint16_t size = 0;  // octets of the message
  Question question;
  bool recursion_desired = false;
  bool authentic_data = false;  // AD in a query: the client understands AD (RFC 6840 section 5.7)
  bool checking_disabled = false;  // CD
  std::optional<ClientEdns> edns;
};

// Why a message from a client is not forwarded. Every value has a counter, a row in docs/errors.md
// and a test. The order is that of the checks.
enum class RejectionKind : std::uint8_t {
  too_short,           // under 12 octets: silence
  is_response,         // QR=1: silence, nothing is ever answered to an answer
  opcode_unsupported,  // NOTIMP
  question_count,      // QDCOUNT is not 1: FORMERR
  records_in_query,    // ANCOUNT or NSCOUNT not 0: FORMERR
  bad_name,   // label type, label or name too long, cut short, pointer in a question: FORMERR
  truncated,  // ends inside the question or additional section: FORMERR
  additional_not_opt,  // anything but one OPT: FORMERR
  second_opt,          // FORMERR
  opt_owner,           // OPT's owner is not the root: FORMERR
  opt_options,         // options overrun RDATA, too many: FORMERR
  opt_cookie,          // COOKIE length not 8 or 16..40: FORMERR
  trailing_octets,     // FORMERR
  edns_version,        // BADVERS
  class_unsupported,   // class other than IN: REFUSED
  type_refused,        // OPT, TKEY, TSIG, SIG, KEY, 0, meta types, MAILA, MAILB: REFUSED
  zone_transfer,       // AXFR, IXFR: REFUSED
  any_query,           // ANY: answered by RFC 8482, never forwarded
};
inline constexpr std::size_t kRejectionKinds =
    static_cast<std::size_t>(RejectionKind::any_query) + 1;

// The identifier used in logs, counters and docs, e.g. "edns_version".
[[nodiscard]] const char* to_string(RejectionKind kind);

struct Rejection {
  RejectionKind kind = RejectionKind::too_short;
  // What was readable, to answer with.
  std::uint16_t id = 0;
  Opcode opcode = Opcode::query;
  bool recursion_desired = false;
  bool checking_disabled = false;
  std::optional<Question> question;
  std::uint16_t question_class = kClassIn;
  // An OPT was there and readable, so the answer carries one too.
  std::optional<ClientEdns> edns;

  [[nodiscard]] bool silent() const {
    return kind == RejectionKind::too_short || kind == RejectionKind::is_response;
  }
  [[nodiscard]] Rcode rcode() const;
};

[[nodiscard]] std::expected<Query, Rejection> parse_query(Octets message);

}  // namespace dotkeep::dns
