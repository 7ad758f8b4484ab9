#include "tls/algorithm.h"

#include <array>
#include <bit>

namespace dotkeep::tls {

namespace {

// Object identifiers, the content octets only.
constexpr std::uint8_t kRsaEncryption[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
constexpr std::uint8_t kPkcs1[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01};
constexpr std::uint8_t kMgf1[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08};
constexpr std::uint8_t kEcPublicKey[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
constexpr std::uint8_t kEcdsaSha1[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01};
constexpr std::uint8_t kEcdsaSha2[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03};
constexpr std::uint8_t kP256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::uint8_t kP384[] = {0x2b, 0x81, 0x04, 0x00, 0x22};
constexpr std::uint8_t kEd25519[] = {0x2b, 0x65, 0x70};
constexpr std::uint8_t kSha2[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02};

// The last octet of an identifier that begins with `prefix` and has one more, or 0.
template <std::size_t N>
std::uint8_t last_after(Octets oid, const std::uint8_t (&prefix)[N]) {
  if (oid.size() != N + 1 || !same_octets(oid.first(N), prefix)) return 0;
  return oid.back();
}

// NULL, and nothing else.
bool only_null(Der& parameters) {
  const auto null = parameters.get(Tag::null);
  return null && null->empty() && parameters.empty();
}

// Octets of digest of a SHA-2 AlgorithmIdentifier (parameters NULL or absent), or 0.
std::uint32_t sha2_size(Der content) {
  const auto oid = content.get(Tag::oid);
  if (!oid || (!content.empty() && !only_null(content))) return 0;
  switch (last_after(*oid, kSha2)) {
    case 1:
      return 32;
    case 2:
      return 48;
    case 3:
      return 64;
    default:
      return 0;
  }
}

// RFC 4055 section 3.1, every field explicit since the defaults are SHA-1.
SignatureAlgorithm pss(Der& parameters) {
  auto fields = parameters.enter(Tag::sequence);
  if (!fields || !parameters.empty()) return SignatureAlgorithm::unknown;
  auto hash_field = fields->enter(Tag::context_0);
  auto mask_field = fields->enter(Tag::context_1);
  auto salt_field = fields->enter(Tag::context_2);
  if (!hash_field || !mask_field || !salt_field || !fields->empty()) {
    return SignatureAlgorithm::unknown;
  }
  const auto hash = hash_field->enter(Tag::sequence);
  auto mask = mask_field->enter(Tag::sequence);
  if (!hash || !mask || !hash_field->empty() || !mask_field->empty()) {
    return SignatureAlgorithm::unknown;
  }
  const auto mask_oid = mask->get(Tag::oid);
  const auto mask_hash = mask->enter(Tag::sequence);
  const auto salt = salt_field->small_natural();
  if (!mask_oid || !mask_hash || !salt || !mask->empty() || !salt_field->empty() ||
      !same_octets(*mask_oid, kMgf1)) {
    return SignatureAlgorithm::unknown;
  }
  const std::uint32_t size = sha2_size(*hash);
  if (size == 0 || sha2_size(*mask_hash) != size || *salt != size) {
    return SignatureAlgorithm::unknown;
  }
  return size == 32   ? SignatureAlgorithm::rsa_pss_sha256
         : size == 48 ? SignatureAlgorithm::rsa_pss_sha384
                      : SignatureAlgorithm::rsa_pss_sha512;
}

std::size_t bit_length(Octets natural) {
  return natural.empty()
             ? 0
             : natural.size() * 8 - static_cast<std::size_t>(std::countl_zero(natural[0]));
}

std::optional<PublicKey> rsa_key(Octets octets) {
  Der outer(octets);
  auto fields = outer.enter(Tag::sequence);
  if (!fields || !outer.empty()) return std::nullopt;
  auto modulus = fields->natural();
  const auto exponent = fields->natural();
  if (!modulus || !exponent || !fields->empty()) return std::nullopt;
  if ((*modulus)[0] == 0) modulus = modulus->subspan(1);
  return PublicKey{KeyKind::rsa, bit_length(*modulus), *modulus, *exponent};
}

std::optional<PublicKey> ec_key(Der& parameters, Octets point) {
  const auto curve = parameters.get(Tag::oid);
  if (!curve || !parameters.empty()) return PublicKey{};  // explicit curves: never
  const bool p256 = same_octets(*curve, kP256);
  if (!p256 && !same_octets(*curve, kP384)) return PublicKey{};
  const std::size_t bits = p256 ? 256 : 384;
  if (point.size() != 1 + 2 * bits / 8 || point[0] != 0x04) return std::nullopt;
  return PublicKey{p256 ? KeyKind::p256 : KeyKind::p384, bits, point, {}};
}

}  // namespace

SignatureAlgorithm signature_algorithm(Der content) {
  const auto oid = content.get(Tag::oid);
  if (!oid) return SignatureAlgorithm::unknown;
  if (const std::uint8_t number = last_after(*oid, kPkcs1); number != 0) {
    if (number == 10) return pss(content);
    if (number >= 2 && number <= 6) return SignatureAlgorithm::weak;
    if (!only_null(content)) return SignatureAlgorithm::unknown;
    switch (number) {
      case 11:
        return SignatureAlgorithm::rsa_pkcs1_sha256;
      case 12:
        return SignatureAlgorithm::rsa_pkcs1_sha384;
      case 13:
        return SignatureAlgorithm::rsa_pkcs1_sha512;
      default:
        return SignatureAlgorithm::unknown;
    }
  }
  if (same_octets(*oid, kEcdsaSha1)) return SignatureAlgorithm::weak;
  if (!content.empty()) return SignatureAlgorithm::unknown;  // RFC 5758, RFC 8410: no parameters
  if (same_octets(*oid, kEd25519)) return SignatureAlgorithm::ed25519;
  switch (last_after(*oid, kEcdsaSha2)) {
    case 2:
      return SignatureAlgorithm::ecdsa_sha256;
    case 3:
      return SignatureAlgorithm::ecdsa_sha384;
    case 4:
      return SignatureAlgorithm::ecdsa_sha512;
    default:
      return SignatureAlgorithm::unknown;
  }
}

std::optional<PublicKey> public_key(Der content) {
  auto algorithm = content.enter(Tag::sequence);
  const auto octets = content.whole_octets_bit_string();
  if (!algorithm || !octets || !content.empty()) return std::nullopt;
  const auto oid = algorithm->get(Tag::oid);
  if (!oid) return std::nullopt;
  if (same_octets(*oid, kRsaEncryption)) {
    if (!only_null(*algorithm)) return std::nullopt;
    return rsa_key(*octets);
  }
  if (same_octets(*oid, kEcPublicKey)) return ec_key(*algorithm, *octets);
  if (same_octets(*oid, kEd25519)) {
    if (!algorithm->empty() || octets->size() != 32) return std::nullopt;
    return PublicKey{KeyKind::ed25519, 256, *octets, {}};
  }
  return PublicKey{};
}

bool strong(const PublicKey& key) {
  if (key.kind != KeyKind::rsa) return key.kind != KeyKind::unknown;
  const std::size_t exponent_bits = bit_length(
      key.exponent.size() > 1 && key.exponent[0] == 0 ? key.exponent.subspan(1) : key.exponent);
  return key.bits >= kMinRsaBits && key.bits <= kMaxRsaBits && (key.key.back() & 1U) == 1 &&
         exponent_bits >= 2 && exponent_bits <= 32 && (key.exponent.back() & 1U) == 1;
}

bool fits(SignatureAlgorithm algorithm, KeyKind kind) {
  switch (algorithm) {
    case SignatureAlgorithm::rsa_pkcs1_sha256:
    case SignatureAlgorithm::rsa_pkcs1_sha384:
    case SignatureAlgorithm::rsa_pkcs1_sha512:
    case SignatureAlgorithm::rsa_pss_sha256:
    case SignatureAlgorithm::rsa_pss_sha384:
    case SignatureAlgorithm::rsa_pss_sha512:
      return kind == KeyKind::rsa;
    case SignatureAlgorithm::ecdsa_sha256:
    case SignatureAlgorithm::ecdsa_sha384:
    case SignatureAlgorithm::ecdsa_sha512:
      return kind == KeyKind::p256 || kind == KeyKind::p384;
    case SignatureAlgorithm::ed25519:
      return kind == KeyKind::ed25519;
    default:
      return false;
  }
}

}  // namespace dotkeep::tls
