// One certificate (RFC 5280), parsed whole and strictly. Everything is a view of the octets given;
// nothing is allocated. Whether it is acceptable is for leaf_check and path to say.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "base/bytes.h"
#include "tls/algorithm.h"

namespace dotkeep::tls {

// A name that SAN or name constraints can hold (RFC 5280 section 4.2.1.6), by its context tag.
enum class NameForm : std::uint8_t {
  other = 0,
  email = 1,
  dns = 2,
  x400 = 3,
  directory = 4,
  edi = 5,
  uri = 6,
  ip = 7,
  registered_id = 8,
};

struct GeneralName {
  NameForm form = NameForm::other;
  Octets content;  // of the implicit tag; a directory name with its SEQUENCE
};

// Walks the content of a GeneralNames. Nothing at its end and at the first malformed name; the
// parser has already refused certificates with such a one.
[[nodiscard]] std::optional<GeneralName> next_general_name(Der& names);

struct Extensions {
  std::optional<Der> san;  // the names
  bool san_critical = false;
  bool basic_constraints = false;
  bool ca = false;
  std::optional<std::uint32_t> path_length;
  bool key_usage = false;
  bool digital_signature = false;
  bool key_cert_sign = false;
  bool extended_key_usage = false;
  bool server_auth = false;
  bool any_usage = false;
  bool ocsp_signing = false;
  bool must_staple = false;             // TLS feature status_request (RFC 7633)
  std::optional<Der> name_constraints;  // the SEQUENCE's content
  Octets subject_key_id;                // empty when not said
  Octets authority_key_id;              // the keyIdentifier in it
  bool name_constraints_seen = false;
};

struct Certificate {
  Octets whole;
  Octets tbs;  // what is signed
  unsigned version = 1;
  Octets serial;
  SignatureAlgorithm algorithm = SignatureAlgorithm::unknown;
  Octets signature;
  Octets issuer;  // with its SEQUENCE, as all names here: compared octet by octet
  Octets subject;
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
  Octets spki;  // what a pin is the hash of
  PublicKey key;
  Extensions extensions;
  // A breach of RFC 5280 that only trust anchors may have, some of which are older than the rule;
  // constant words, or null.
  const char* flaw = nullptr;

  [[nodiscard]] bool self_issued() const { return same_octets(issuer, subject); }
  [[nodiscard]] bool empty_subject() const { return subject.size() == 2; }
};

inline constexpr std::size_t kMaxCertificate = 16384;  // the largest of the public web are 10 KiB
inline constexpr unsigned kMaxExtensions = 32;
inline constexpr unsigned kMaxNames = 512;  // in one SAN: bounds the work of matching

// The error is a few words for `Fault::detail`.
[[nodiscard]] std::expected<Certificate, const char*> parse_certificate(Octets der);

// For parse_certificate: the content of `extensions [3]`'s SEQUENCE. An extension that is critical
// and not known here, and one that comes twice, are errors.
[[nodiscard]] std::expected<Extensions, const char*> parse_extensions(Der list);

}  // namespace dotkeep::tls
