#include "tls/certificate.h"

namespace dotkeep::tls {

namespace {

using Error = std::unexpected<const char*>;

constexpr std::size_t kMaxSerial = 20;  // RFC 5280 section 4.1.2.2
constexpr std::int64_t kYear2050 = 2524608000;

// Name ::= SEQUENCE OF SET OF SEQUENCE { type, value }; nothing is compared but octets, so the form
// is all there is to check.
bool well_formed_name(Der content) {
  while (!content.empty()) {
    auto set = content.enter(Tag::set);
    if (!set || set->empty()) return false;
    while (!set->empty()) {
      auto attribute = set->enter(Tag::sequence);
      if (!attribute || !attribute->get(Tag::oid) || !attribute->any() || !attribute->empty()) {
        return false;
      }
    }
  }
  return true;
}

// The next element as a whole, which must be a SEQUENCE.
std::optional<Octets> whole_sequence(Der& fields) {
  if (!fields.next_is(Tag::sequence)) return std::nullopt;
  const auto element = fields.any();
  if (!element) return std::nullopt;
  return element->whole;
}

std::optional<Octets> name(Der& fields) {
  const auto whole = whole_sequence(fields);
  if (!whole) return std::nullopt;
  Der outer(*whole);
  const auto content = outer.enter(Tag::sequence);
  if (!content || !well_formed_name(*content)) return std::nullopt;
  return whole;
}

// version, [0] EXPLICIT, DEFAULT v1: 1, 2 or 3; 0 when malformed.
unsigned version(Der& fields) {
  if (!fields.next_is(Tag::context_0)) return 1;
  auto tagged = fields.enter(Tag::context_0);
  if (!tagged) return 0;
  const auto number = tagged->small_natural();
  if (!number || !tagged->empty() || *number == 0 || *number > 2) return 0;
  return *number + 1;
}

const char* parse_validity(Der& fields, Certificate& certificate) {
  auto validity = fields.enter(Tag::sequence);
  if (!validity) return "malformed validity";
  const bool before_general = validity->next_is(Tag::generalized_time);
  const auto not_before = validity->time();
  const bool after_general = validity->next_is(Tag::generalized_time);
  const auto not_after = validity->time();
  if (!not_before || !not_after || !validity->empty()) return "malformed validity";
  certificate.not_before = *not_before;
  certificate.not_after = *not_after;
  // RFC 5280 section 4.1.2.5: a UTCTime through 2049.
  if ((before_general && *not_before < kYear2050) || (after_general && *not_after < kYear2050)) {
    certificate.flaw = "date in the wrong form";
  }
  return nullptr;
}

const char* parse_key(Der& fields, Certificate& certificate) {
  const auto spki = whole_sequence(fields);
  if (!spki) return "malformed public key";
  certificate.spki = *spki;
  Der outer(*spki);
  const auto content = outer.enter(Tag::sequence);
  const auto key = content ? public_key(*content) : std::nullopt;
  if (!key) return "malformed public key";
  certificate.key = *key;
  return nullptr;
}

// What follows the key: the unique identifiers of version 2, which nobody may use, and extensions.
const char* parse_rest(Der& fields, Certificate& certificate) {
  if (fields.empty()) return nullptr;
  auto tagged = fields.enter(Tag::context_3);
  if (!tagged || !fields.empty()) return "unknown field after the public key";
  if (certificate.version != 3) return "extensions in a certificate that is not version 3";
  const auto list = tagged->enter(Tag::sequence);
  if (!list || list->empty() || !tagged->empty()) return "malformed extensions";
  const auto extensions = parse_extensions(*list);
  if (!extensions) return extensions.error();
  certificate.extensions = *extensions;
  return nullptr;
}

// Fills all but the outer algorithm and signature. `inner_algorithm` is compared by the caller.
const char* parse_tbs(Der fields, Certificate& certificate, Octets& inner_algorithm) {
  certificate.version = version(fields);
  if (certificate.version == 0) return "unknown version";
  const auto serial = fields.natural();
  if (!serial || serial->size() > kMaxSerial) return "malformed serial number";
  if (serial->size() == 1 && (*serial)[0] == 0) certificate.flaw = "serial number zero";
  certificate.serial = *serial;
  const auto algorithm = whole_sequence(fields);
  if (!algorithm) return "malformed signature algorithm";
  inner_algorithm = *algorithm;
  const auto issuer = name(fields);
  if (!issuer || issuer->size() == 2) return "malformed or empty issuer";
  certificate.issuer = *issuer;
  if (const char* fault = parse_validity(fields, certificate)) return fault;
  const auto subject = name(fields);
  if (!subject) return "malformed subject";
  certificate.subject = *subject;
  if (const char* fault = parse_key(fields, certificate)) return fault;
  return parse_rest(fields, certificate);
}

}  // namespace

std::expected<Certificate, const char*> parse_certificate(Octets der) {
  if (der.size() > kMaxCertificate) return Error("certificate too large");
  Certificate certificate;
  certificate.whole = der;
  Der input(der);
  auto fields = input.enter(Tag::sequence);
  if (!fields || !input.empty()) return Error("not a DER certificate");
  const auto tbs = whole_sequence(*fields);
  const auto outer_algorithm = whole_sequence(*fields);
  const auto signature = fields->whole_octets_bit_string();
  if (!tbs || !outer_algorithm || !signature || !fields->empty()) {
    return Error("not a DER certificate");
  }
  certificate.tbs = *tbs;
  certificate.signature = *signature;

  Der tbs_outer(*tbs);
  const auto tbs_fields = tbs_outer.enter(Tag::sequence);
  Octets inner_algorithm;
  if (!tbs_fields) return Error("not a DER certificate");
  if (const char* fault = parse_tbs(*tbs_fields, certificate, inner_algorithm)) return Error(fault);
  // RFC 5280 section 4.1.1.2: the unsigned copy must be the signed one.
  if (!same_octets(inner_algorithm, *outer_algorithm)) {
    return Error("two different signature algorithms");
  }
  Der algorithm(*outer_algorithm);
  certificate.algorithm = signature_algorithm(*algorithm.enter(Tag::sequence));
  return certificate;
}

}  // namespace dotkeep::tls
