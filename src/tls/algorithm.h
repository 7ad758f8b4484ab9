// AlgorithmIdentifiers and public keys of certificates: which ones are understood, and how strong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "tls/der.h"

namespace dotkeep::tls {

enum class SignatureAlgorithm : std::uint8_t {
  unknown,
  weak,  // SHA-1, MD5 and older
  rsa_pkcs1_sha256,
  rsa_pkcs1_sha384,
  rsa_pkcs1_sha512,
  rsa_pss_sha256,
  rsa_pss_sha384,
  rsa_pss_sha512,
  ecdsa_sha256,
  ecdsa_sha384,
  ecdsa_sha512,
  ed25519,
};

// From the content of an AlgorithmIdentifier. `unknown` also for known ones with parameters that
// they must not have; PSS only with the salt as long as the hash and MGF1 over the same hash.
[[nodiscard]] SignatureAlgorithm signature_algorithm(Der content);

enum class KeyKind : std::uint8_t { unknown, rsa, p256, p384, ed25519 };

// `key` (and for RSA `exponent`) are views of the certificate: RSA modulus without leading zero, EC
// point uncompressed (RFC 5480), Ed25519 its 32 octets (RFC 8410).
struct PublicKey {
  KeyKind kind = KeyKind::unknown;
  std::size_t bits = 0;
  Octets key;
  Octets exponent;
};

inline constexpr std::size_t kMinRsaBits = 2048;
inline constexpr std::size_t kMaxRsaBits = 4096;  // what the build of wolfSSL can compute with

// From the content of a SubjectPublicKeyInfo. Nothing when it is malformed; kind `unknown` when it
// is well formed and of a kind that dotkeep does not use.
[[nodiscard]] std::optional<PublicKey> public_key(Der content);

// P-256, P-384, Ed25519, or RSA of 2048 to 4096 bits with an odd exponent of 3..2^32-1.
[[nodiscard]] bool strong(const PublicKey& key);

// Whether a signature of this algorithm can be made by a key of this kind.
[[nodiscard]] bool fits(SignatureAlgorithm algorithm, KeyKind kind);

}  // namespace dotkeep::tls
