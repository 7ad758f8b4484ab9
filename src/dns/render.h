// What goes out was built by us: queries to upstreams and responses to clients, always afresh.
// Pure; no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "dns/query.h"
#include "dns/reply.h"

namespace dotkeep::dns {

inline constexpr std::size_t kQueryBlock = 128;  // RFC 8467 section 4.1
inline constexpr std::size_t kMaxUpstreamQuery = 384;

struct RenderedQuery {
  std::array<std::uint8_t, kMaxUpstreamQuery> octets{};
  std::uint16_t size = 0;  // a multiple of kQueryBlock
  // Where the padding option begins. It is the last option, its data is zeros, at least 4 of them:
  // with `offer_keepalive` it can give four octets to an empty keepalive option without the size
  // changing.
  std::uint16_t padding_at = 0;
  [[nodiscard]] Octets message() const { return {octets.data(), size}; }
};

// The query for `asked` as sent to an upstream: RD, the id, the name in lower case, one OPT
// (payload 1232, DO and CD as asked, padding to a multiple of 128 octets). The octets depend only
// on `asked`.
[[nodiscard]] RenderedQuery render_upstream_query(const Asked& asked);

// The answer to a query: the client's id and spelling of the name, RA=1, AA=0, AD only where set
// and the client asked (AD or DO in its query); an OPT exactly when the query had one. Over `limit`
// octets: TC=1 and no records. Returns the length.
struct ResponseOptions {
  Transport transport = Transport::udp;
  std::span<const Ede> edes;               // beside those in the reply
  std::optional<std::uint16_t> keepalive;  // TCP only: sent when the client asked (RFC 7828)
  std::optional<Cookie> cookie;            // whole, client and server part
  bool truncate = false;  // say TC=1 with nothing, whatever the size (rate limiting)
  // An error over UDP to who may be forged: no octet more than the query had. What the OPT would
  // say gives way.
  bool spare = false;
};
[[nodiscard]] std::size_t render_response(const Query& query, const Reply& reply,
                                          const ResponseOptions& options, MutableOctets out);

// An answer without records: SERVFAIL, REFUSED and their like.
[[nodiscard]] std::size_t render_error(const Query& query, Rcode rcode,
                                       const ResponseOptions& options, MutableOctets out);

// The answer that a rejection deserves; 0 for silence. ANY gets a synthesised HINFO (RFC 8482 4.2).
// Never longer than the query it answers plus an EDE when the client sent an OPT over TCP; over UDP
// never longer than max(the query, 12 octets + question) so that refusals do not amplify, save
// ANY's HINFO.
[[nodiscard]] std::size_t render_rejection(const Rejection& rejection, Transport transport,
                                           std::size_t query_size, MutableOctets out);

// How many octets a response to this client may have on this transport.
[[nodiscard]] std::size_t response_limit(const std::optional<ClientEdns>& edns,
                                         Transport transport);

// An Ede of ours; `text` is cut to 64 octets at a character's boundary.
[[nodiscard]] Ede make_ede(ExtendedError code, std::string_view text);

}  // namespace dotkeep::dns
