// DNS cookies (RFC 7873) in the interoperable form of RFC 9018: a server cookie is a hash of the
// client's cookie, its address and a time under a secret, so nothing is kept for a client, and any
// frontend knows what another gave.
//
// Secrets are either given by the operator, and then any server that has the same ones knows our
// cookies, or derived from a key of this run: a new one for each day, chosen by the time in the
// cookie itself, so that none is ever too early or too late.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/ip_address.h"
#include "base/siphash.h"
#include "dns/query.h"

namespace dotkeep::admission {

// Octets of a client's cookie, and of ours behind it (RFC 9018 section 4).
inline constexpr std::size_t kClientCookie = 8;
inline constexpr std::size_t kServerCookie = 16;
// RFC 9018 section 4.3: an hour back, and five minutes ahead for another server's clock.
inline constexpr std::uint32_t kCookieLife = 3600;
inline constexpr std::uint32_t kCookieAhead = 300;

class CookieJar {
 public:
  // `given`: secrets that are all accepted, the first of which signs; empty: derived from `key`.
  CookieJar(const SipKey& key, std::span<const SipKey> given);

  // Whether the server's part is one that we gave this address within the hour.
  // `unix_seconds`: the time of day, modulo 2^32 (RFC 1982 arithmetic). Cost: a hash or two.
  [[nodiscard]] bool is_ours(const dns::Cookie& cookie, const IpAddress& client,
                             std::uint32_t unix_seconds) const;
  // The client's part with a server's part for it.
  [[nodiscard]] dns::Cookie make(const dns::Cookie& cookie, const IpAddress& client,
                                 std::uint32_t unix_seconds) const;

 private:
  [[nodiscard]] SipKey derived(std::uint32_t unix_seconds) const;

  SipKey key_;
  std::vector<SipKey> given_;
};

}  // namespace dotkeep::admission
