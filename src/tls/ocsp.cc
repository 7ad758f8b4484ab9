#include "tls/ocsp.h"

#include "tls/civil_time.h"
#include "tls/crypto.h"
#include "tls/leaf_check.h"
#include "tls/sha1.h"

namespace dotkeep::tls {
namespace {

// The BIT STRING of a SubjectPublicKeyInfo, without its tag, length and unused bits.
Octets key_bits(const Certificate& certificate) {
  Der outer(certificate.spki);
  auto fields = outer.enter(Tag::sequence);
  if (!fields || !fields->any()) return {};
  return fields->whole_octets_bit_string().value_or(Octets{});
}

bool is_hash_of(Octets hash, bool by_sha256, Octets octets) {
  if (by_sha256) return same_octets(hash, sha256(octets));
  return same_octets(hash, sha1_for_ocsp(octets));
}

bool is_about(const SingleStatus& single, const Certificate& leaf, const Certificate& issuer) {
  return same_octets(single.serial, leaf.serial) &&
         is_hash_of(single.issuer_name_hash, single.sha256, leaf.issuer) &&
         is_hash_of(single.issuer_key_hash, single.sha256, key_bits(issuer));
}

bool signed_by(const OcspResponse& response, const PublicKey& key) {
  Certificate as_if;  // what a signature check looks at
  as_if.tbs = response.tbs;
  as_if.algorithm = response.algorithm;
  as_if.signature = response.signature;
  return check_signature(as_if, key) == SignatureResult::good;
}

// RFC 6960 section 4.2.2.2: by the issuer, or by one whom that very issuer certified for OCSP.
// `now`: nothing, where dates do not count.
bool is_authentic(const OcspResponse& response, const Certificate& issuer,
                  std::optional<std::int64_t> now) {
  if (signed_by(response, issuer.key)) return true;
  for (std::size_t i = 0; i < response.certificate_count; ++i) {
    const auto responder = parse_certificate(response.certificates[i]);
    if (!responder || !same_octets(responder->issuer, issuer.subject)) continue;
    const Extensions& extensions = responder->extensions;
    if (responder->version != 3 || responder->flaw != nullptr || !extensions.ocsp_signing ||
        (extensions.key_usage && !extensions.digital_signature) ||
        (now && check_validity(*responder, *now).bad()) || !strong(responder->key)) {
      continue;
    }
    if (check_signature(*responder, issuer.key) == SignatureResult::good &&
        signed_by(response, responder->key)) {
      return true;
    }
  }
  return false;
}

Fault judge(Octets staple, const Certificate& leaf, const Certificate& issuer, std::int64_t now) {
  const auto response = parse_ocsp_response(staple);
  if (!response) return {FaultKind::status_invalid, response.error()};
  const SingleStatus* single = nullptr;
  for (std::size_t i = 0; i < response->single_count && single == nullptr; ++i) {
    if (is_about(response->singles[i], leaf, issuer)) single = &response->singles[i];
  }
  if (single == nullptr) return {FaultKind::status_invalid, "it is about another certificate"};
  // A "revoked" does not grow old, nor come too early: whoever has the key would only have to wait.
  const bool revoked = single->status == SingleStatus::Status::revoked;
  if (!is_authentic(*response, issuer, revoked ? std::nullopt : std::optional(now))) {
    return {FaultKind::status_invalid, "not signed by the certificate's issuer"};
  }
  if (revoked) {
    return {FaultKind::revoked, "by its issuer, as of " + date_text(single->this_update)};
  }
  if (now < single->this_update - kResponderSkew) {
    return {FaultKind::status_stale, "it begins on " + date_text(single->this_update)};
  }
  if (!single->next_update) return {FaultKind::status_stale, "it has no end"};
  if (now > *single->next_update) {
    return {FaultKind::status_stale, "it ended on " + date_text(*single->next_update)};
  }
  if (single->status != SingleStatus::Status::good) {
    return {FaultKind::status_unknown, "the issuer does not know the certificate"};
  }
  return {};
}

}  // namespace

Fault check_status(Octets staple, const Certificate& leaf, const Certificate& issuer, Ocsp policy,
                   std::int64_t now) {
  const bool required = policy == Ocsp::require || leaf.extensions.must_staple;
  if (staple.empty()) {
    if (!required) return {};
    return {FaultKind::status_missing, leaf.extensions.must_staple
                                           ? "the certificate promises one"
                                           : "the configuration requires one"};
  }
  Fault fault = judge(staple, leaf, issuer, now);
  if (!required && fault.kind != FaultKind::revoked) return {};
  return fault;
}

}  // namespace dotkeep::tls
