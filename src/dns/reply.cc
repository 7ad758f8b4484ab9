#include "dns/reply.h"

#include <algorithm>
#include <array>

#include "dns/header.h"
#include "dns/name_view.h"
#include "dns/reply_parse.h"
#include "dns/reply_select.h"

namespace dotkeep::dns {
namespace {

std::unexpected<ReplyFault> fault(ReplyFault what) {
  return std::unexpected(what);
}

// What an RCODE makes of a reply: nothing for the three that answer.
std::expected<void, ReplyFault> judge(std::uint16_t rcode) {
  // Assigned ones beyond those with a name here: YXRRSET to NOTZONE, DSOTYPENI (RFC 6895
  // section 2.3, RFC 8490). Those of TSIG and TKEY (17 to 22) have no place in a header.
  constexpr std::uint16_t kDsoTypeNotImplemented = 11;
  switch (static_cast<Rcode>(rcode)) {
    case Rcode::noerror:
    case Rcode::nxdomain:
    case Rcode::yxdomain:
      return {};
    case Rcode::servfail:
      return fault(ReplyFault::upstream_servfail);
    case Rcode::badvers:
    case Rcode::badcookie:
      return fault(ReplyFault::upstream_refused);
    default:
      return fault(rcode <= kDsoTypeNotImplemented ? ReplyFault::upstream_refused
                                                   : ReplyFault::unknown_rcode);
  }
}

// The header and the question; where the records begin.
std::expected<std::size_t, ReplyFault> check_question(const Asked& asked, const Header& header,
                                                      Reader& reader) {
  if (!header.is_response()) return fault(ReplyFault::not_a_response);
  if (header.id != asked.id) return fault(ReplyFault::id_mismatch);
  if (header.opcode() != Opcode::query) return fault(ReplyFault::opcode_mismatch);
  if (header.questions != 1) return fault(ReplyFault::question_count);
  // What is octet for octet the name asked, case apart, is a well-formed name.
  const Octets name = asked.question.name.wire();
  const auto octets = reader.take(name.size());
  const auto type = reader.u16();
  const auto question_class = reader.u16();
  if (octets && !same_name(*octets, name)) return fault(ReplyFault::question_mismatch);
  if (!octets || !question_class) return fault(ReplyFault::cut_short);
  if (static_cast<Type>(*type) != asked.question.type || *question_class != kClassIn) {
    return fault(ReplyFault::question_mismatch);
  }
  if (header.has(kFlagTruncated)) return fault(ReplyFault::truncated_flag);
  return reader.offset();
}

}  // namespace

std::expected<Reply, ReplyFault> check_reply(const Asked& asked, Octets message,
                                             ReplyScratch& scratch) {
  scratch.clear();
  Reader reader(message);
  const auto header = Header::parse(reader);
  if (!header) return fault(ReplyFault::too_short);
  const auto records_at = check_question(asked, *header, reader);
  if (!records_at) return fault(records_at.error());
  if (const auto parsed =
          parse_records(*header, message, *records_at, asked.question.name.wire(), scratch);
      !parsed) {
    return fault(parsed.error());
  }
  const auto rcode = static_cast<std::uint16_t>(scratch.extended_rcode << 4 | header->rcode_bits());
  if (const auto judged = judge(rcode); !judged) return fault(judged.error());

  Reply reply;
  reply.rcode = static_cast<Rcode>(rcode);
  Keeper keeper(scratch, asked.dnssec_ok);
  const auto chain = follow_chain(asked.question.type, scratch, keeper);
  // YXDOMAIN says that a DNAME makes the name too long (RFC 6672 section 2.2). Whoever says it of
  // another name, or does not say it of this one, is not believed.
  const bool yxdomain = reply.rcode == Rcode::yxdomain;
  if (yxdomain && !(chain && chain->too_long)) return fault(ReplyFault::upstream_refused);
  if (!chain) return fault(chain.error());
  if (chain->too_long && !yxdomain) return fault(ReplyFault::chain_broken);
  // NXDOMAIN is about the chain's end (RFC 6604 section 3): it cannot have data.
  if (reply.rcode == Rcode::nxdomain && chain->answered) return fault(ReplyFault::chain_broken);
  reply.answers = keeper.count();
  const bool has_soa = keep_authority(*chain, scratch, keeper);
  if (reply.rcode == Rcode::noerror && !chain->answered && !has_soa) {
    return fault(ReplyFault::nothing_answers);
  }
  reply.authorities = static_cast<std::uint16_t>(keeper.count() - reply.answers);
  reply.packed = keeper.packed();
  reply.authentic_data = header->has(kFlagAuthenticData);
  std::copy_n(scratch.edes.begin(), scratch.ede_count, reply.edes.begin());
  reply.ede_count = scratch.ede_count;
  reply.keepalive = scratch.keepalive;
  return reply;
}

const char* to_string(ReplyFault fault) {
  constexpr std::array<const char*, kReplyFaults> kNames = {
      "too_short",         "not_a_response",    "id_mismatch",     "opcode_mismatch",
      "question_count",    "question_mismatch", "truncated_flag",  "unknown_rcode",
      "bad_name",          "cut_short",         "trailing_octets", "too_many_records",
      "too_large",         "bad_rdata",         "class_mismatch",  "opt_invalid",
      "record_misplaced",  "chain_loop",        "chain_broken",    "nothing_answers",
      "upstream_servfail", "upstream_refused",
  };
  return kNames[static_cast<std::size_t>(fault)];
}

std::optional<Record> RecordReader::next() {
  Reader ahead = reader_;
  const Octets rest = ahead.rest();
  std::size_t size = 0;
  while (size < rest.size() && rest[size] != 0) size += rest[size] + std::size_t{1};
  const auto owner = reader_.take(size + 1);
  const auto type = reader_.u16();
  const auto ttl = reader_.u32();
  const auto rdata_size = ttl ? reader_.u16() : std::nullopt;
  const auto rdata = rdata_size ? reader_.take(*rdata_size) : std::nullopt;
  if (!owner || !type || !rdata) return std::nullopt;
  return Record{*owner, static_cast<Type>(*type), *ttl, *rdata};
}

}  // namespace dotkeep::dns
