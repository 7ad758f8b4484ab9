// The few primitives that certificate checks need; wolfssl_crypto.cc computes them.
#pragma once

#include "base/bytes.h"
#include "tls/certificate.h"
#include "tls/session.h"

namespace dotkeep::tls {

[[nodiscard]] Pin sha256(Octets octets);

enum class SignatureResult : std::uint8_t { good, bad, no_memory };

// Whether `certificate` was signed by `key`. `bad` for everything that does not fit, too: weak or
// unknown algorithms, keys of another kind or size.
[[nodiscard]] SignatureResult check_signature(const Certificate& certificate, const PublicKey& key);

}  // namespace dotkeep::tls
