#include "dns/query.h"

#include <algorithm>

#include "dns/client_edns.h"
#include "dns/header.h"

namespace dotkeep::dns {
namespace {

// What is known of a message beside what Query has a place for.
struct Reading {
  Header header;
  bool question_read = false;
  std::uint16_t question_class = kClassIn;
};

// Reads the one question; nothing is wrong with it, or why not.
std::optional<RejectionKind> read_question(Reader& reader, Question& question, Reading& reading) {
  if (reader.empty()) return RejectionKind::truncated;
  if (!question.name.read(reader)) return RejectionKind::bad_name;
  const auto type = reader.u16();
  const auto question_class = reader.u16();
  if (!type || !question_class) return RejectionKind::truncated;
  question.type = static_cast<Type>(*type);
  reading.question_class = *question_class;
  reading.question_read = true;
  return std::nullopt;
}

// Types that no resolver can ask an upstream for on a client's behalf.
std::optional<RejectionKind> refuse_type(Type type) {
  switch (type) {
    case Type::ANY:
      return RejectionKind::any_query;
    case Type::AXFR:
    case Type::IXFR:
      return RejectionKind::zone_transfer;
    case Type::SIG:
    case Type::KEY:
    case Type::NXT:
    case Type::OPT:
      return RejectionKind::type_refused;
    default:
      break;
  }
  // RFC 6895 section 3.1: 0 is reserved; 128 to 255 are QTYPEs and meta-TYPEs, assigned or not:
  // TKEY, TSIG, MAILA, MAILB, ...
  const auto number = static_cast<std::uint16_t>(type);
  if (number == 0 || (number >= 128 && number <= 255)) return RejectionKind::type_refused;
  return std::nullopt;
}

// Reads `message` into `query` and `reading`, in the order of RejectionKind, up to the first thing
// that is wrong.
std::optional<RejectionKind> read(Octets message, Query& query, Reading& reading) {
  Reader reader(message);
  const auto header = Header::parse(reader);
  if (!header) return RejectionKind::too_short;
  reading.header = *header;
  query.id = header->id;
  query.recursion_desired = header->has(kFlagRecursionDesired);
  query.authentic_data = header->has(kFlagAuthenticData);
  query.checking_disabled = header->has(kFlagCheckingDisabled);
  if (header->is_response()) return RejectionKind::is_response;

  // The question is read first, to be echoed by whatever answer the message gets.
  std::optional<RejectionKind> question_fault;
  if (header->questions == 1) question_fault = read_question(reader, query.question, reading);
  if (header->opcode() != Opcode::query) return RejectionKind::opcode_unsupported;
  if (header->questions != 1) return RejectionKind::question_count;
  if (header->answers != 0 || header->authorities != 0) return RejectionKind::records_in_query;
  if (question_fault) return question_fault;

  const ClientAdditional additional = read_client_additional(reader, header->additionals);
  query.edns = additional.edns;
  if (additional.fault) return additional.fault;
  if (!reader.empty()) return RejectionKind::trailing_octets;
  if (additional.version != 0) return RejectionKind::edns_version;
  if (reading.question_class != kClassIn) return RejectionKind::class_unsupported;
  return refuse_type(query.question.type);
}

Rejection make_rejection(RejectionKind kind, const Query& query, const Reading& reading) {
  Rejection rejection;
  rejection.kind = kind;
  rejection.id = query.id;
  rejection.opcode = reading.header.opcode();
  rejection.recursion_desired = query.recursion_desired;
  rejection.checking_disabled = query.checking_disabled;
  if (reading.question_read) rejection.question = query.question;
  rejection.question_class = reading.question_class;
  rejection.edns = query.edns;
  return rejection;
}

}  // namespace

std::expected<Query, Rejection> parse_query(Octets message) {
  std::expected<Query, Rejection> result;
  Reading reading;
  result->size = static_cast<std::uint16_t>(std::min(message.size(), kMaxMessage));
  if (const auto kind = read(message, *result, reading)) {
    const Query as_far_as_read = *result;
    result = std::unexpected(make_rejection(*kind, as_far_as_read, reading));
  }
  return result;
}

}  // namespace dotkeep::dns
