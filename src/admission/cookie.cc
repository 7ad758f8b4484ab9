#include "admission/cookie.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace dotkeep::admission {
namespace {

constexpr std::uint32_t kDay = 86400;
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHashAt = kClientCookie + 8;  // behind version, reserved and time
constexpr std::size_t kTimeAt = kClientCookie + 4;

// RFC 9018 section 4.4: over the client's cookie, our version, reserved octets and time as they lie
// in the option, and the address; the hash as SipHash gives it out, least octet first.
std::array<std::uint8_t, 8> hash_of(const SipKey& secret, const dns::Cookie& cookie,
                                    const IpAddress& client) {
  std::array<std::uint8_t, kHashAt + 16> input{};
  std::memcpy(input.data(), cookie.octets.data(), kHashAt);
  const Octets ip = client.view();
  std::memcpy(input.data() + kHashAt, ip.data(), ip.size());
  const std::uint64_t hash = siphash(secret, Octets(input).first(kHashAt + ip.size()));
  std::array<std::uint8_t, 8> octets{};
  for (std::size_t i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(hash >> (8 * i));
  return octets;
}

std::uint32_t time_of(const dns::Cookie& cookie) {
  std::uint32_t time = 0;
  for (std::size_t i = 0; i < 4; ++i) time = time << 8 | cookie.octets[kTimeAt + i];
  return time;
}

// In a time that does not tell where they differ.
bool same(const std::array<std::uint8_t, 8>& a, const std::uint8_t* b) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace

CookieJar::CookieJar(const SipKey& key, std::span<const SipKey> given)
    : key_(key), given_(given.begin(), given.end()) {}

SipKey CookieJar::derived(std::uint32_t unix_seconds) const {
  const std::uint32_t day = unix_seconds / kDay;
  std::array<std::uint8_t, 5> input{};
  for (std::size_t i = 0; i < 4; ++i) input[i] = static_cast<std::uint8_t>(day >> (8 * i));
  const std::uint64_t low = siphash(key_, input);
  input[4] = 1;
  return {low, siphash(key_, input)};
}

bool CookieJar::is_ours(const dns::Cookie& cookie, const IpAddress& client,
                        std::uint32_t unix_seconds) const {
  if (cookie.size != kClientCookie + kServerCookie || cookie.octets[kClientCookie] != kVersion) {
    return false;
  }
  const std::uint32_t made = time_of(cookie);
  const std::uint32_t age = unix_seconds - made;  // modulo 2^32
  if (age > kCookieLife && -age > kCookieAhead) return false;
  const std::uint8_t* hash = cookie.octets.data() + kHashAt;
  if (given_.empty()) return same(hash_of(derived(made), cookie, client), hash);
  return std::ranges::any_of(
      given_, [&](const SipKey& secret) { return same(hash_of(secret, cookie, client), hash); });
}

dns::Cookie CookieJar::make(const dns::Cookie& cookie, const IpAddress& client,
                            std::uint32_t unix_seconds) const {
  dns::Cookie made;
  made.size = kClientCookie + kServerCookie;
  std::memcpy(made.octets.data(), cookie.octets.data(), kClientCookie);
  made.octets[kClientCookie] = kVersion;
  for (std::size_t i = 0; i < 4; ++i) {
    made.octets[kTimeAt + i] = static_cast<std::uint8_t>(unix_seconds >> (24 - 8 * i));
  }
  const SipKey secret = given_.empty() ? derived(unix_seconds) : given_.front();
  const auto hash = hash_of(secret, made, client);
  std::memcpy(made.octets.data() + kHashAt, hash.data(), hash.size());
  return made;
}

}  // namespace dotkeep::admission
