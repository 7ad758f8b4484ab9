// Stapled OCSP responses (RFC 6960; in TLS 1.3 with the certificate, RFC 8446 section 4.4.2.1):
// what a CA says of one certificate at one time.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "base/bytes.h"
#include "tls/certificate.h"
#include "tls/session.h"

namespace dotkeep::tls {

// One answer in a response.
struct SingleStatus {
  enum class Status : std::uint8_t { good, revoked, unknown };

  Octets issuer_name_hash;
  Octets issuer_key_hash;
  bool sha256 = false;  // else SHA-1
  Octets serial;
  Status status = Status::unknown;
  std::int64_t this_update = 0;  // seconds since the epoch
  std::optional<std::int64_t> next_update;
};

inline constexpr std::size_t kMaxStaple = 16384;      // a response with a certificate is 2 KiB
inline constexpr std::size_t kMaxSingles = 8;         // a staple is about one certificate
inline constexpr std::size_t kMaxResponderCerts = 3;  // the responder's own is enough
inline constexpr std::int64_t kResponderSkew = 300;   // seconds; clocks of CAs are set

// A basic response, parsed whole; everything is a view of it.
struct OcspResponse {
  Octets tbs;
  SignatureAlgorithm algorithm = SignatureAlgorithm::unknown;
  Octets signature;
  std::array<SingleStatus, kMaxSingles> singles;
  std::size_t single_count = 0;
  std::array<Octets, kMaxResponderCerts> certificates;
  std::size_t certificate_count = 0;
};

// The error is a few words. Nothing is proven by it.
[[nodiscard]] std::expected<OcspResponse, const char*> parse_ocsp_response(Octets der);

// What a staple (empty: none came) means for `leaf`, which `issuer` has signed, at `now`. It must
// say that the certificate is good, be in time and be signed by the issuer or by a responder that
// the issuer named for it, when the certificate asks for it (RFC 7633) or `policy` does. Otherwise
// only a proven "revoked" counts: who holds a revoked key can leave the staple out.
// Cost: up to seven signature checks.
[[nodiscard]] Fault check_status(Octets staple, const Certificate& leaf, const Certificate& issuer,
                                 Ocsp policy, std::int64_t now);

}  // namespace dotkeep::tls
