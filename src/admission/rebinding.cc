#include "admission/rebinding.h"

#include <algorithm>
#include <array>

#include "dns/name_view.h"

namespace dotkeep::admission {
namespace {

// The IANA special-purpose registries, as far as an address of theirs may reach something.
constexpr std::array<IpPrefix, 11> kPrivate4{{
    {{4, {0}}, 8},           // this network: on Linux, this host
    {{4, {10}}, 8},          // RFC 1918
    {{4, {100, 64}}, 10},    // RFC 6598, carriers
    {{4, {127}}, 8},         // loopback
    {{4, {169, 254}}, 16},   // link-local; a cloud's metadata
    {{4, {172, 16}}, 12},    // RFC 1918
    {{4, {192, 0, 0}}, 24},  // IETF protocols, DS-Lite
    {{4, {192, 168}}, 16},   // RFC 1918
    {{4, {198, 18}}, 15},    // benchmarks
    {{4, {224}}, 4},         // multicast: every machine of the link
    {{4, {240}}, 4},         // reserved, used inside some networks; broadcast
}};

constexpr std::array<IpPrefix, 6> kPrivate6{{
    {{6, {0xfc}}, 7},                        // unique local
    {{6, {0xfe, 0x80}}, 10},                 // link-local
    {{6, {0xfe, 0xc0}}, 10},                 // site-local, retired
    {{6, {0xff}}, 8},                        // multicast
    {{6, {0, 0x64, 0xff, 0x9b, 0, 1}}, 48},  // RFC 8215: a translator of this network
    {{6, {0x01}}, 64},                       // discard-only
}};

// Prefixes that are followed by an IPv4 address at this octet.
struct Carrier {
  IpPrefix prefix;
  std::size_t at;
};
constexpr std::array<Carrier, 4> kCarriers{{
    {{{6, {}}, 96}, 12},                                          // compatible; :: and ::1
    {{{6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}}, 96}, 12},  // mapped
    {{{6, {0, 0x64, 0xff, 0x9b}}, 96}, 12},                       // NAT64, RFC 6052
    {{{6, {0x20, 0x02}}, 16}, 2},                                 // 6to4
}};
constexpr IpPrefix kTeredo{{6, {0x20, 0x01, 0, 0}}, 32};

bool is_private4(std::span<const std::uint8_t, 4> octets) {
  IpAddress address;
  std::ranges::copy(octets, address.octets.begin());
  return std::ranges::any_of(kPrivate4, [&](const IpPrefix& p) { return p.contains(address); });
}

bool is_private6(const IpAddress& address) {
  const auto part = [&](std::size_t at) {
    return std::span<const std::uint8_t, 16>(address.octets).subspan(at).first<4>();
  };
  if (std::ranges::any_of(kPrivate6, [&](const IpPrefix& p) { return p.contains(address); })) {
    return true;
  }
  for (const Carrier& carrier : kCarriers) {
    if (carrier.prefix.contains(address)) return is_private4(part(carrier.at));
  }
  if (kTeredo.contains(address)) {
    std::array<std::uint8_t, 4> client;  // RFC 4380 section 4: every bit turned over
    for (std::size_t i = 0; i < 4; ++i) client[i] = static_cast<std::uint8_t>(~part(12)[i]);
    return is_private4(client) || is_private4(part(4));
  }
  // ISATAP (RFC 5214 section 6.1) may stand behind any prefix.
  const auto id = part(8);
  const bool isatap = (id[0] & 0xfd) == 0 && id[1] == 0 && id[2] == 0x5e && id[3] == 0xfe;
  return isatap && is_private4(part(12));
}

// Addresses of `size` octets, one behind the other.
bool any_private(Octets addresses, std::uint8_t family) {
  const std::size_t size = family == 4 ? 4 : 16;
  for (; addresses.size() >= size; addresses = addresses.subspan(size)) {
    IpAddress address;
    address.family = family;
    std::ranges::copy(addresses.first(size), address.octets.begin());
    if (is_private(address)) return true;
  }
  return false;
}

// RFC 9460 section 2.2: priority, target, then parameters by key.
bool has_private_hint(Octets rdata) {
  constexpr std::uint16_t kIpv4Hint = 4;
  constexpr std::uint16_t kIpv6Hint = 6;
  Reader reader(rdata);
  static_cast<void>(reader.u16());
  while (const auto label = reader.u8()) {
    if (*label == 0 || !reader.take(*label)) break;
  }
  while (const auto key = reader.u16()) {
    const auto size = reader.u16();
    const auto value = size ? reader.take(*size) : std::nullopt;
    if (!value) return false;
    if (*key == kIpv4Hint && any_private(*value, 4)) return true;
    if (*key == kIpv6Hint && any_private(*value, 6)) return true;
  }
  return false;
}

}  // namespace

bool is_private(const IpAddress& address) {
  if (address.family == 4) {
    return is_private4(std::span<const std::uint8_t, 16>(address.octets).first<4>());
  }
  return is_private6(address);
}

bool has_private_address(const dns::Reply& reply) {
  dns::RecordReader records(reply.packed);
  for (std::uint16_t i = 0; i < reply.answers; ++i) {
    const auto record = records.next();
    if (!record) return false;
    switch (record->type) {
      case dns::Type::A:
        if (any_private(record->rdata, 4)) return true;
        break;
      case dns::Type::AAAA:
        if (any_private(record->rdata, 6)) return true;
        break;
      case dns::Type::SVCB:
      case dns::Type::HTTPS:
        if (has_private_hint(record->rdata)) return true;
        break;
      default:
        break;
    }
  }
  return false;
}

}  // namespace dotkeep::admission
