#include "config/address_kind.h"

#include <algorithm>

namespace dotkeep::config {
namespace {

constexpr std::uint8_t kWidest4 = 8;
constexpr std::uint8_t kWidest6 = 16;

constexpr std::array<Prefix, 8> kLocal{{
    {4, {127}, 8},  // RFC 1122 section 3.2.1.3
    {6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},
    {4, {10}, 8},           // RFC 1918
    {4, {172, 16}, 12},     // RFC 1918
    {4, {192, 168}, 16},    // RFC 1918
    {4, {169, 254}, 16},    // RFC 3927
    {6, {0xfe, 0x80}, 10},  // RFC 4291 section 2.5.6
    {6, {0xfc}, 7},         // RFC 4193
}};
constexpr Prefix kLinkLocal6{6, {0xfe, 0x80}, 10};
constexpr Prefix kMulticast4{4, {224}, 4};  // RFC 5771
constexpr Prefix kMulticast6{6, {0xff}, 8};
constexpr Prefix kBroadcast4{4, {255, 255, 255, 255}, 32};
constexpr Prefix kNone4{4, {}, 8};  // RFC 1122 section 3.2.1.3: "this network"
constexpr Prefix kNone6{6, {}, 128};

bool in(const Endpoint& endpoint, const Prefix& prefix) {
  const std::uint8_t bits = endpoint.family == 4 ? 32 : 128;
  return prefix.contains({endpoint.family, endpoint.address, bits});
}

}  // namespace

std::optional<std::string> unusable_locally(const Endpoint& endpoint) {
  const std::string found = "is " + endpoint.to_text();
  if (in(endpoint, kLinkLocal6)) {
    return found + ", a link-local address; it means nothing without a zone, which cannot be given";
  }
  if (in(endpoint, kMulticast4) || in(endpoint, kMulticast6))
    return found + ", a multicast address";
  if (in(endpoint, kBroadcast4)) return found + ", the broadcast address";
  return std::nullopt;
}

std::optional<std::string> unusable_remotely(const Endpoint& endpoint) {
  if (in(endpoint, kNone4) || in(endpoint, kNone6)) {
    return "is " + endpoint.to_text() + ", which is no server's address";
  }
  return unusable_locally(endpoint);
}

std::span<const Prefix> local_prefixes() {
  return kLocal;
}

bool opens_to_the_world(const Prefix& prefix) {
  const bool local =
      std::ranges::any_of(kLocal, [&](const Prefix& own) { return own.contains(prefix); });
  return !local && prefix.length < (prefix.family == 4 ? kWidest4 : kWidest6);
}

}  // namespace dotkeep::config
