// Answers without records: what a rejection deserves, and failures of ours.
#include <algorithm>
#include <cstring>

#include "dns/edns.h"
#include "dns/header.h"
#include "dns/render.h"

namespace dotkeep::dns {
namespace {

// RFC 8482 section 4.2: long enough that nobody asks again soon, and said to be no measure of
// anything.
constexpr std::uint32_t kAnyTtl = 3600;

// The synthesised HINFO (RFC 8482 section 4.2): CPU "RFC8482", OS empty; the owner is the
// question's.
void write_any_answer(Writer& out) {
  constexpr std::array<std::uint8_t, 9> rdata{7, 'R', 'F', 'C', '8', '4', '8', '2', 0};
  out.u16(0xc000 | kHeaderSize);
  out.u16(static_cast<std::uint16_t>(Type::HINFO));
  out.u16(kClassIn);
  out.u32(kAnyTtl);
  out.u16(rdata.size());
  out.octets(rdata);
}

// What a refusal says beside its RCODE, to a client with EDNS.
std::optional<Ede> explain(RejectionKind kind) {
  switch (kind) {
    case RejectionKind::opt_cookie:
      return make_ede(ExtendedError::other, "COOKIE of no allowed length");
    case RejectionKind::trailing_octets:
      return make_ede(ExtendedError::other, "octets after the message");
    case RejectionKind::class_unsupported:
      return make_ede(ExtendedError::not_supported, "class is not IN");
    case RejectionKind::type_refused:
      return make_ede(ExtendedError::not_supported, "type is not forwarded");
    case RejectionKind::zone_transfer:
      return make_ede(ExtendedError::prohibited, "no zone transfers here");
    default:
      return std::nullopt;
  }
}

// RD, CD and RA say something about queries only; in other opcodes the same bits are reserved
// (RFC 2136 section 2.2, RFC 8490 section 5.4).
std::uint16_t rejection_flags(const Rejection& rejection) {
  const bool query = rejection.opcode == Opcode::query;
  return static_cast<std::uint16_t>(
      kFlagResponse | opcode_bits(rejection.opcode) | rcode_bits(rejection.rcode()) |
      flag_if(query, kFlagRecursionAvailable) |
      flag_if(query && rejection.recursion_desired, kFlagRecursionDesired) |
      flag_if(query && rejection.checking_disabled, kFlagCheckingDisabled));
}

std::size_t size_if_ok(const Writer& out) {
  return out.ok() ? out.size() : 0;
}

}  // namespace

std::size_t response_limit(const std::optional<ClientEdns>& edns, Transport transport) {
  if (transport == Transport::tcp) return kMaxMessage;
  if (!edns) return kUdpPayloadWithoutEdns;
  // RFC 6891 section 6.2.3: values under 512 count as 512.
  return std::clamp<std::size_t>(edns->payload, kUdpPayloadWithoutEdns, kUdpPayload);
}

Ede make_ede(ExtendedError code, std::string_view text) {
  Ede ede;
  ede.code = code;
  std::size_t size = std::min(text.size(), ede.text.size());
  // An octet 10xxxxxx continues a UTF-8 character: what would be cut goes whole.
  const auto continues = [text](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
  };
  while (size > 0 && continues(size)) --size;
  if (size > 0) std::memcpy(ede.text.data(), text.data(), size);
  ede.text_size = static_cast<std::uint8_t>(size);
  return ede;
}

std::size_t render_error(const Query& query, Rcode rcode, const ResponseOptions& options,
                         MutableOctets out) {
  // Without an OPT there is no place for an extended RCODE's upper half, and the lower alone would
  // say something else.
  if (!query.edns && static_cast<std::uint16_t>(rcode) > 0x0f) rcode = Rcode::servfail;
  Writer message(out);
  Header{.id = query.id,
         .flags = static_cast<std::uint16_t>(
             kFlagResponse | kFlagRecursionAvailable | rcode_bits(rcode) |
             flag_if(query.recursion_desired, kFlagRecursionDesired) |
             flag_if(query.checking_disabled, kFlagCheckingDisabled) |
             flag_if(options.truncate, kFlagTruncated)),
         .questions = 1,
         .additionals = static_cast<std::uint16_t>(query.edns ? 1 : 0)}
      .write(message);
  write_question(message, query.question);
  if (query.edns) {
    std::size_t limit = std::min(out.size(), response_limit(query.edns, options.transport));
    if (options.spare && options.transport == Transport::udp) {
      limit = std::min<std::size_t>(limit, query.size);
    }
    write_client_opt(message, *query.edns, rcode, options, {}, limit);
  }
  return size_if_ok(message);
}

std::size_t render_rejection(const Rejection& rejection, Transport transport,
                             std::size_t query_size, MutableOctets out) {
  if (rejection.silent()) return 0;
  const bool any = rejection.kind == RejectionKind::any_query && rejection.question;
  Writer message(out);
  Header{.id = rejection.id,
         .flags = rejection_flags(rejection),
         .questions = static_cast<std::uint16_t>(rejection.question ? 1 : 0),
         .answers = static_cast<std::uint16_t>(any ? 1 : 0),
         .additionals = static_cast<std::uint16_t>(rejection.edns ? 1 : 0)}
      .write(message);
  if (rejection.question) write_question(message, *rejection.question, rejection.question_class);
  if (any) write_any_answer(message);
  if (rejection.edns) {
    // On UDP the sender may be spoofed: no refusal is longer than what caused it.
    const std::size_t limit = transport == Transport::udp ? query_size : out.size();
    OptWriter opt(message, kUdpPayload, rejection.rcode(), rejection.edns->dnssec_ok);
    if (const auto why = explain(rejection.kind)) opt.ede(*why, limit);
    opt.finish();
  }
  return size_if_ok(message);
}

}  // namespace dotkeep::dns
