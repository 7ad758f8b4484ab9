// The extensions of a certificate (RFC 5280 section 4.2) that dotkeep acts upon.
#include <array>
#include <cstring>

#include "tls/certificate.h"

namespace dotkeep::tls {

namespace {

using Error = std::unexpected<const char*>;

// 2.5.29.n, by n.
constexpr std::uint8_t kSubjectKeyId = 14;
constexpr std::uint8_t kKeyUsage = 15;
constexpr std::uint8_t kSubjectAltName = 17;
constexpr std::uint8_t kBasicConstraints = 19;
constexpr std::uint8_t kNameConstraints = 30;
constexpr std::uint8_t kCertificatePolicies = 32;
constexpr std::uint8_t kAuthorityKeyId = 35;
constexpr std::uint8_t kExtendedKeyUsage = 37;

constexpr std::uint8_t kServerAuth[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};
constexpr std::uint8_t kAnyUsage[] = {0x55, 0x1d, 0x25, 0x00};
constexpr std::uint8_t kOcspSigning[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x09};
constexpr std::uint8_t kTlsFeature[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18};
constexpr std::uint32_t kStatusRequest = 5;

const char* parse_key_usage(Der value, Extensions& out) {
  const auto bits = value.get(Tag::bit_string);
  if (!bits || !value.empty() || bits->size() < 2 || bits->size() > 3) return "malformed key usage";
  const unsigned unused = (*bits)[0];
  const std::uint8_t last = bits->back();
  // That a named bit list ends with a one (X.690 section 11.2.2) is not asked: roots in use do not.
  if (unused > 7 || (last & ((1U << unused) - 1U)) != 0) {
    return "malformed key usage";
  }
  out.key_usage = true;
  out.digital_signature = ((*bits)[1] & 0x80U) != 0;
  out.key_cert_sign = ((*bits)[1] & 0x04U) != 0;
  return nullptr;
}

const char* parse_basic_constraints(Der value, Extensions& out) {
  auto fields = value.enter(Tag::sequence);
  if (!fields || !value.empty()) return "malformed basic constraints";
  out.basic_constraints = true;
  if (fields->next_is(Tag::boolean)) {
    const auto ca = fields->boolean();
    if (!ca || !*ca) return "malformed basic constraints";  // DEFAULT FALSE is left out
    out.ca = true;
  }
  if (!fields->empty()) {
    out.path_length = fields->small_natural();
    if (!out.path_length || !out.ca || !fields->empty()) return "malformed basic constraints";
  }
  return nullptr;
}

const char* parse_extended_key_usage(Der value, Extensions& out) {
  auto purposes = value.enter(Tag::sequence);
  if (!purposes || !value.empty() || purposes->empty()) return "malformed extended key usage";
  out.extended_key_usage = true;
  while (!purposes->empty()) {
    const auto purpose = purposes->get(Tag::oid);
    if (!purpose || purpose->empty()) return "malformed extended key usage";
    if (same_octets(*purpose, kServerAuth)) out.server_auth = true;
    if (same_octets(*purpose, kAnyUsage)) out.any_usage = true;
    if (same_octets(*purpose, kOcspSigning)) out.ocsp_signing = true;
  }
  return nullptr;
}

const char* parse_san(Der value, Extensions& out) {
  const auto names = value.enter(Tag::sequence);
  if (!names || !value.empty() || names->empty()) return "malformed subjectAltName";
  Der walk = *names;
  for (unsigned count = 0; !walk.empty(); ++count) {
    if (count == kMaxNames) return "too many names in subjectAltName";
    if (!next_general_name(walk)) return "malformed subjectAltName";
  }
  out.san = names;
  return nullptr;
}

const char* parse_name_constraints(Der value, Extensions& out) {
  const auto fields = value.enter(Tag::sequence);
  if (!fields || !value.empty() || fields->empty()) return "malformed name constraints";
  out.name_constraints = fields;
  out.name_constraints_seen = true;
  return nullptr;
}

const char* parse_subject_key_id(Der value, Extensions& out) {
  const auto id = value.get(Tag::octet_string);
  if (!id || !value.empty()) return "malformed subject key identifier";
  out.subject_key_id = *id;
  return nullptr;
}

// Only the identifier is used: issuer and serial number in it are the path's to prove.
const char* parse_authority_key_id(Der value, Extensions& out) {
  auto fields = value.enter(Tag::sequence);
  if (!fields || !value.empty()) return "malformed authority key identifier";
  if (!fields->next_is(Tag::context_0_primitive)) return nullptr;
  const auto id = fields->get(Tag::context_0_primitive);
  if (!id) return "malformed authority key identifier";
  out.authority_key_id = *id;
  return nullptr;
}

const char* parse_tls_feature(Der value, Extensions& out) {
  auto features = value.enter(Tag::sequence);
  if (!features || !value.empty() || features->empty()) return "malformed TLS feature";
  while (!features->empty()) {
    const auto feature = features->small_natural();
    if (!feature) return "malformed TLS feature";
    if (*feature == kStatusRequest) out.must_staple = true;
  }
  return nullptr;
}

// `number` of 2.5.29.number. Unknown ones are passed over unless they are critical.
const char* parse_one(std::uint8_t number, bool critical, Octets content, Extensions& out) {
  const Der value(content);
  switch (number) {
    case kSubjectKeyId:
      return parse_subject_key_id(value, out);
    case kAuthorityKeyId:
      return parse_authority_key_id(value, out);
    case kKeyUsage:
      return parse_key_usage(value, out);
    case kSubjectAltName:
      out.san_critical = critical;
      return parse_san(value, out);
    case kBasicConstraints:
      return parse_basic_constraints(value, out);
    case kNameConstraints:
      return parse_name_constraints(value, out);
    case kExtendedKeyUsage:
      return parse_extended_key_usage(value, out);
    // Without policies of our own any policy will do (RFC 5280 section 6.1.1 (c)); critical or not.
    case kCertificatePolicies:
      return nullptr;
    default:
      return critical ? "unknown critical extension" : nullptr;
  }
}

}  // namespace

std::optional<GeneralName> next_general_name(Der& names) {
  Der ahead = names;
  const auto element = ahead.any();
  if (!element) return std::nullopt;
  const auto tag = static_cast<std::uint8_t>(element->tag);
  const unsigned number = tag & 0x1fU;
  // otherName, x400Address, directoryName and ediPartyName are constructed, the others are not.
  const bool constructed = number == 0 || number == 3 || number == 4 || number == 5;
  if ((tag & 0xc0U) != 0x80 || number > 8 || ((tag & 0x20U) != 0) != constructed) {
    return std::nullopt;
  }
  const GeneralName name{static_cast<NameForm>(number), element->content};
  if ((name.form == NameForm::dns || name.form == NameForm::ip) && name.content.empty()) {
    return std::nullopt;
  }
  names = ahead;
  return name;
}

std::expected<Extensions, const char*> parse_extensions(Der list) {
  Extensions out;
  std::array<Octets, kMaxExtensions> seen;
  std::size_t count = 0;
  while (!list.empty()) {
    if (count == seen.size()) return Error("too many extensions");
    auto extension = list.enter(Tag::sequence);
    const auto oid = extension ? extension->get(Tag::oid) : std::nullopt;
    if (!oid) return Error("malformed extension");
    bool critical = false;
    if (extension->next_is(Tag::boolean)) {
      const auto flag = extension->boolean();
      if (!flag || !*flag) return Error("malformed extension");  // DEFAULT FALSE is left out
      critical = true;
    }
    const auto value = extension->get(Tag::octet_string);
    if (!value || !extension->empty()) return Error("malformed extension");
    for (std::size_t i = 0; i < count; ++i) {
      if (same_octets(seen[i], *oid)) return Error("the same extension twice");
    }
    seen[count++] = *oid;
    const bool ours = oid->size() == 3 && (*oid)[0] == 0x55 && (*oid)[1] == 0x1d;
    if (same_octets(*oid, kTlsFeature)) {
      if (const char* fault = parse_tls_feature(Der(*value), out)) return Error(fault);
    } else if (const char* fault = parse_one(ours ? (*oid)[2] : 0, critical, *value, out)) {
      return Error(fault);
    }
  }
  return out;
}

}  // namespace dotkeep::tls
