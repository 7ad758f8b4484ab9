#include "tls/leaf_check.h"

#include "tls/host_name.h"

namespace dotkeep::tls {

Finding check_leaf_form(const Certificate& leaf) {
  const Extensions& extensions = leaf.extensions;
  if (leaf.version != 3) return {FaultKind::certificate_form, "not version 3"};
  if (leaf.flaw != nullptr) return {FaultKind::certificate_form, leaf.flaw};
  if (extensions.ca) return {FaultKind::certificate_form, "a CA certificate as the server's own"};
  if (extensions.key_usage && extensions.key_cert_sign) {
    return {FaultKind::certificate_form, "key usage of a CA in the server's certificate"};
  }
  if (extensions.key_usage && !extensions.digital_signature) {
    return {FaultKind::certificate_form, "key usage does not allow signatures"};
  }
  if (extensions.extended_key_usage && !extensions.server_auth) {
    return {FaultKind::certificate_form, "extended key usage without serverAuth"};
  }
  if (extensions.name_constraints) {
    return {FaultKind::certificate_form, "name constraints in the server's certificate"};
  }
  // RFC 5280 section 4.1.2.6.
  if (leaf.empty_subject() && !extensions.san_critical) {
    return {FaultKind::certificate_form, "neither a subject nor a critical subjectAltName"};
  }
  if (leaf.key.kind == KeyKind::unknown) return {FaultKind::weak_key, "key of a kind not accepted"};
  if (!strong(leaf.key)) return {FaultKind::weak_key, "key too small or malformed"};
  if (leaf.algorithm == SignatureAlgorithm::weak) {
    return {FaultKind::weak_key, "signed with SHA-1 or older"};
  }
  return {};
}

Finding check_validity(const Certificate& certificate, std::int64_t now) {
  if (now < certificate.not_before) return {FaultKind::not_yet_valid, "not valid before"};
  if (now > certificate.not_after) return {FaultKind::expired, "expired on"};
  return {};
}

Finding check_leaf(const Certificate& leaf, std::string_view name, std::int64_t now) {
  if (const Finding form = check_leaf_form(leaf); form.bad()) return form;
  if (const Finding validity = check_validity(leaf, now); validity.bad()) return validity;
  if (!covers(leaf, name)) {
    return leaf.extensions.san ? Finding{FaultKind::name_mismatch, "certificate is for"}
                               : Finding{FaultKind::name_mismatch, "certificate names nobody"};
  }
  return {};
}

}  // namespace dotkeep::tls
