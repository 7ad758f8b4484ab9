// The form of an OCSP response (RFC 6960 section 4.2.1).
#include "tls/ocsp.h"

namespace dotkeep::tls {
namespace {

using Error = std::unexpected<const char*>;

constexpr std::uint8_t kBasic[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01};
constexpr std::uint8_t kSha1[] = {0x2b, 0x0e, 0x03, 0x02, 0x1a};
constexpr std::uint8_t kSha256[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
constexpr auto kEnumerated = static_cast<Tag>(0x0a);
constexpr auto kGood = static_cast<Tag>(0x80);
constexpr auto kRevoked = static_cast<Tag>(0xa1);
constexpr auto kUnknown = static_cast<Tag>(0x82);

std::optional<std::int64_t> generalized(Der& fields) {
  if (!fields.next_is(Tag::generalized_time)) return std::nullopt;
  return fields.time();
}

bool parse_cert_id(Der& fields, SingleStatus& out) {
  auto id = fields.enter(Tag::sequence);
  auto algorithm = id ? id->enter(Tag::sequence) : std::nullopt;
  const auto oid = algorithm ? algorithm->get(Tag::oid) : std::nullopt;
  if (!oid) return false;
  const bool sha1 = same_octets(*oid, kSha1);
  out.sha256 = same_octets(*oid, kSha256);
  if (!sha1 && !out.sha256) return false;
  if (!algorithm->empty()) {
    const auto parameters = algorithm->get(Tag::null);
    if (!parameters || !parameters->empty()) return false;
  }
  const auto name = id->get(Tag::octet_string);
  const auto key = id->get(Tag::octet_string);
  const auto serial = id->natural();
  if (!algorithm->empty() || !name || !key || !serial || !id->empty()) return false;
  out.issuer_name_hash = *name;
  out.issuer_key_hash = *key;
  out.serial = *serial;
  return true;
}

bool parse_revoked(Der content) {
  if (!generalized(content)) return false;
  if (content.empty()) return true;
  auto reason = content.enter(Tag::context_0);
  return reason && reason->get(kEnumerated) && reason->empty() && content.empty();
}

bool parse_single_status(Der& fields, SingleStatus& out) {
  const auto status = fields.any();
  if (!status) return false;
  out.status = status->tag == kRevoked ? SingleStatus::Status::revoked
               : status->tag == kGood  ? SingleStatus::Status::good
                                       : SingleStatus::Status::unknown;
  if (status->tag == kRevoked) return parse_revoked(Der(status->content));
  return (status->tag == kGood || status->tag == kUnknown) && status->content.empty();
}

bool parse_single(Der fields, SingleStatus& out) {
  if (!parse_cert_id(fields, out) || !parse_single_status(fields, out)) return false;
  const auto from = generalized(fields);
  if (!from) return false;
  out.this_update = *from;
  if (fields.next_is(Tag::context_0)) {
    auto tagged = fields.enter(Tag::context_0);
    out.next_update = tagged ? generalized(*tagged) : std::nullopt;
    if (!out.next_update || !tagged->empty()) return false;
  }
  // Extensions say nothing here that is acted upon; a critical one is not looked for, as in no
  // profile of staples (RFC 5019) there is any.
  return fields.empty() || (fields.get(Tag::context_1) && fields.empty());
}

// tbsResponseData: version 1 is never said; the responder's name is proven by its signature.
const char* parse_data(Octets tbs, OcspResponse& out) {
  Der outer(tbs);
  auto fields = outer.enter(Tag::sequence);
  if (!fields || !(fields->next_is(Tag::context_1) || fields->next_is(Tag::context_2)) ||
      !fields->any() || !generalized(*fields)) {
    return "malformed response data";
  }
  auto list = fields->enter(Tag::sequence);
  if (!list || list->empty()) return "malformed list of statuses";
  while (!list->empty()) {
    if (out.single_count == out.singles.size()) return "too many statuses in one response";
    const auto single = list->enter(Tag::sequence);
    if (!single || !parse_single(*single, out.singles[out.single_count])) return "malformed status";
    ++out.single_count;
  }
  if (fields->empty() || (fields->get(Tag::context_1) && fields->empty())) return nullptr;
  return "malformed response data";
}

const char* parse_certificates(Der tagged, OcspResponse& out) {
  auto list = tagged.enter(Tag::sequence);
  if (!list || !tagged.empty()) return "malformed list of certificates";
  while (!list->empty()) {
    const auto one = list->next_is(Tag::sequence) ? list->any() : std::nullopt;
    if (!one) return "malformed list of certificates";
    if (out.certificate_count == out.certificates.size()) return "too many certificates in it";
    out.certificates[out.certificate_count++] = one->whole;
  }
  return nullptr;
}

std::expected<OcspResponse, const char*> parse_basic(Octets der) {
  OcspResponse out;
  Der outer(der);
  auto fields = outer.enter(Tag::sequence);
  if (!fields || !outer.empty() || !fields->next_is(Tag::sequence)) {
    return Error("malformed basic response");
  }
  const auto tbs = fields->any();
  const auto algorithm = fields->enter(Tag::sequence);
  const auto signature = fields->whole_octets_bit_string();
  if (!tbs || !algorithm || !signature) return Error("malformed basic response");
  out.tbs = tbs->whole;
  out.algorithm = signature_algorithm(*algorithm);
  out.signature = *signature;
  if (fields->next_is(Tag::context_0)) {
    const auto tagged = fields->enter(Tag::context_0);
    if (!tagged) return Error("malformed list of certificates");
    if (const char* fault = parse_certificates(*tagged, out)) return Error(fault);
  }
  if (!fields->empty()) return Error("malformed basic response");
  if (const char* fault = parse_data(out.tbs, out)) return Error(fault);
  return out;
}

}  // namespace

std::expected<OcspResponse, const char*> parse_ocsp_response(Octets der) {
  if (der.size() > kMaxStaple) return Error("response too large");
  Der outer(der);
  auto fields = outer.enter(Tag::sequence);
  const auto status = fields ? fields->get(kEnumerated) : std::nullopt;
  if (!status || status->size() != 1 || !outer.empty()) return Error("not a DER response");
  if ((*status)[0] != 0) return Error("the responder reports an error of its own");
  auto tagged = fields->enter(Tag::context_0);
  auto bytes = tagged ? tagged->enter(Tag::sequence) : std::nullopt;
  const auto type = bytes ? bytes->get(Tag::oid) : std::nullopt;
  const auto basic = type ? bytes->get(Tag::octet_string) : std::nullopt;
  if (!basic || !bytes->empty() || !tagged->empty() || !fields->empty()) {
    return Error("not a DER response");
  }
  if (!same_octets(*type, kBasic)) return Error("response of an unknown type");
  return parse_basic(*basic);
}

}  // namespace dotkeep::tls
