// What each reason for not forwarding a message is called and answered with.
#include "dns/query.h"

namespace dotkeep::dns {

const char* to_string(RejectionKind kind) {
  switch (kind) {
    case RejectionKind::too_short:
      return "too_short";
    case RejectionKind::is_response:
      return "is_response";
    case RejectionKind::opcode_unsupported:
      return "opcode_unsupported";
    case RejectionKind::question_count:
      return "question_count";
    case RejectionKind::records_in_query:
      return "records_in_query";
    case RejectionKind::bad_name:
      return "bad_name";
    case RejectionKind::truncated:
      return "truncated";
    case RejectionKind::additional_not_opt:
      return "additional_not_opt";
    case RejectionKind::second_opt:
      return "second_opt";
    case RejectionKind::opt_owner:
      return "opt_owner";
    case RejectionKind::opt_options:
      return "opt_options";
    case RejectionKind::opt_cookie:
      return "opt_cookie";
    case RejectionKind::trailing_octets:
      return "trailing_octets";
    case RejectionKind::edns_version:
      return "edns_version";
    case RejectionKind::class_unsupported:
      return "class_unsupported";
    case RejectionKind::type_refused:
      return "type_refused";
    case RejectionKind::zone_transfer:
      return "zone_transfer";
    case RejectionKind::any_query:
      return "any_query";
  }
  return "unknown";
}

Rcode Rejection::rcode() const {
  switch (kind) {
    case RejectionKind::opcode_unsupported:
      return Rcode::notimp;
    case RejectionKind::edns_version:
      return Rcode::badvers;
    case RejectionKind::class_unsupported:
    case RejectionKind::type_refused:
    case RejectionKind::zone_transfer:
      return Rcode::refused;
    case RejectionKind::any_query:
      return Rcode::noerror;
    default:
      return Rcode::formerr;
  }
}

}  // namespace dotkeep::dns
