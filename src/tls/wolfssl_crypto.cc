// Hashes and signatures by wolfCrypt.
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/rsa.h>
#include <wolfssl/wolfcrypt/settings.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "tls/crypto.h"

namespace dotkeep::tls {

namespace {

struct Hash {
  wc_HashType type = WC_HASH_TYPE_NONE;
  word32 size = 0;
  int mask = 0;             // MGF1 over the same hash
  std::uint8_t number = 0;  // last octet of its identifier
};

Hash hash_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::rsa_pkcs1_sha256:
    case SignatureAlgorithm::rsa_pss_sha256:
    case SignatureAlgorithm::ecdsa_sha256:
      return {WC_HASH_TYPE_SHA256, 32, WC_MGF1SHA256, 1};
    case SignatureAlgorithm::rsa_pkcs1_sha384:
    case SignatureAlgorithm::rsa_pss_sha384:
    case SignatureAlgorithm::ecdsa_sha384:
      return {WC_HASH_TYPE_SHA384, 48, WC_MGF1SHA384, 2};
    case SignatureAlgorithm::rsa_pkcs1_sha512:
    case SignatureAlgorithm::rsa_pss_sha512:
    case SignatureAlgorithm::ecdsa_sha512:
      return {WC_HASH_TYPE_SHA512, 64, WC_MGF1SHA512, 3};
    default:
      return {};
  }
}

word32 size32(Octets octets) {
  return static_cast<word32>(octets.size());
}

SignatureResult result(int status, bool holds) {
  if (status == MEMORY_E) return SignatureResult::no_memory;
  return status >= 0 && holds ? SignatureResult::good : SignatureResult::bad;
}

using Digest = std::array<std::uint8_t, 64>;

// RFC 8017 section 9.2: what a PKCS #1 v1.5 signature must decode to, octet by octet.
bool is_digest_info(Octets decoded, const Hash& hash, const Digest& digest) {
  std::array<std::uint8_t, 19> prefix = {0x30, 0,    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                         0x65, 0x03, 0x04, 0x02, 0,    0x05, 0x00, 0x04, 0};
  prefix[1] = static_cast<std::uint8_t>(17 + hash.size);
  prefix[14] = hash.number;
  prefix[18] = static_cast<std::uint8_t>(hash.size);
  return decoded.size() == prefix.size() + hash.size &&
         same_octets(decoded.first(prefix.size()), prefix) &&
         same_octets(decoded.subspan(prefix.size()), Octets(digest).first(hash.size));
}

SignatureResult check_rsa(const Certificate& certificate, const PublicKey& key, const Hash& hash,
                          const Digest& digest, bool pss) {
  RsaKey rsa;
  if (wc_InitRsaKey(&rsa, nullptr) != 0) return SignatureResult::no_memory;
  int status = wc_RsaPublicKeyDecodeRaw(key.key.data(), size32(key.key), key.exponent.data(),
                                        size32(key.exponent), &rsa);
  bool holds = false;
  // A signature is as long as the modulus (RFC 8017 section 8.2.2).
  const Octets signature = certificate.signature;
  std::array<std::uint8_t, kMaxRsaBits / 8> decoded{};
  if (status == 0 && signature.size() == key.key.size() && signature.size() <= decoded.size()) {
    if (pss) {
      // In place: wolfSSL's copy into another buffer has a source that overlaps it by an octet.
      std::ranges::copy(signature, decoded.begin());
      byte* data = nullptr;
      status = wc_RsaPSS_VerifyInline_ex(decoded.data(), size32(signature), &data, hash.type,
                                         hash.mask, RSA_PSS_SALT_LEN_DEFAULT, &rsa);
      if (status > 0) {
        status = wc_RsaPSS_CheckPadding(digest.data(), hash.size, data, static_cast<word32>(status),
                                        hash.type);
        holds = status == 0;
      }
    } else {
      status = wc_RsaSSL_Verify(signature.data(), size32(signature), decoded.data(), decoded.size(),
                                &rsa);
      holds = status > 0 &&
              is_digest_info(Octets(decoded).first(static_cast<std::size_t>(status)), hash, digest);
    }
  }
  wc_FreeRsaKey(&rsa);
  return result(status, holds);
}

// Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }, strictly (RFC 3279 section 2.2.3).
bool well_formed_ecdsa(Octets signature) {
  Der outer(signature);
  auto numbers = outer.enter(Tag::sequence);
  return numbers && outer.empty() && numbers->natural() && numbers->natural() && numbers->empty();
}

SignatureResult check_ecdsa(const Certificate& certificate, const PublicKey& key, const Hash& hash,
                            const Digest& digest) {
  if (!well_formed_ecdsa(certificate.signature)) return SignatureResult::bad;
  ecc_key ecc;
  if (wc_ecc_init(&ecc) != 0) return SignatureResult::no_memory;
  int holds = 0;
  int status = wc_ecc_import_x963_ex(key.key.data(), size32(key.key), &ecc,
                                     key.kind == KeyKind::p256 ? ECC_SECP256R1 : ECC_SECP384R1);
  if (status == 0) status = wc_ecc_check_key(&ecc);  // the point is on the curve
  if (status == 0) {
    status = wc_ecc_verify_hash(certificate.signature.data(), size32(certificate.signature),
                                digest.data(), hash.size, &holds, &ecc);
  }
  wc_ecc_free(&ecc);
  return result(status, status == 0 && holds == 1);
}

SignatureResult check_ed25519(const Certificate& certificate, const PublicKey& key) {
  ed25519_key ed;
  if (wc_ed25519_init(&ed) != 0) return SignatureResult::no_memory;
  int holds = 0;
  int status = wc_ed25519_import_public(key.key.data(), size32(key.key), &ed);
  if (status == 0) {
    status = wc_ed25519_verify_msg(certificate.signature.data(), size32(certificate.signature),
                                   certificate.tbs.data(), size32(certificate.tbs), &holds, &ed);
  }
  wc_ed25519_free(&ed);
  return result(status, status == 0 && holds == 1);
}

}  // namespace

Pin sha256(Octets octets) {
  Pin pin{};
  if (wc_Hash(WC_HASH_TYPE_SHA256, octets.data(), size32(octets), pin.data(), pin.size()) != 0) {
    pin = {};  // equals no pin that the configuration accepts
  }
  return pin;
}

SignatureResult check_signature(const Certificate& certificate, const PublicKey& key) {
  if (!fits(certificate.algorithm, key.kind) || !strong(key)) return SignatureResult::bad;
  if (key.kind == KeyKind::ed25519) return check_ed25519(certificate, key);
  const Hash hash = hash_of(certificate.algorithm);
  Digest digest{};
  const int status =
      wc_Hash(hash.type, certificate.tbs.data(), size32(certificate.tbs), digest.data(), hash.size);
  if (status != 0) return result(status, false);
  if (key.kind != KeyKind::rsa) return check_ecdsa(certificate, key, hash, digest);
  const bool pss = certificate.algorithm == SignatureAlgorithm::rsa_pss_sha256 ||
                   certificate.algorithm == SignatureAlgorithm::rsa_pss_sha384 ||
                   certificate.algorithm == SignatureAlgorithm::rsa_pss_sha512;
  return check_rsa(certificate, key, hash, digest, pss);
}

}  // namespace dotkeep::tls
