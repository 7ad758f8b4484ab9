#include "dns/rdata_fields.h"

#include <algorithm>
#include <cstdlib>

namespace dotkeep::dns {

bool is_bitmap(Octets octets) {
  Reader reader(octets);
  int last_window = -1;
  while (!reader.empty()) {
    const auto window = reader.u8();
    const auto size = reader.u8();
    if (!size || *size == 0 || *size > 32 || int{*window} <= last_window) return false;
    const auto bits = reader.take(*size);
    if (!bits || bits->back() == 0) return false;
    last_window = *window;
  }
  return true;
}

bool is_apl(Octets octets) {
  constexpr std::uint16_t kIpv4 = 1;
  constexpr std::uint16_t kIpv6 = 2;
  Reader reader(octets);
  while (!reader.empty()) {
    const auto family = reader.u16();
    const auto prefix = reader.u8();
    const auto size = reader.u8();
    if (!family || !prefix || !size) return false;
    const auto address = reader.take(*size & 0x7fU);  // the high bit negates
    if (!address || (!address->empty() && address->back() == 0)) return false;
    if (*family == kIpv4 && (*prefix > 32 || address->size() > 4)) return false;
    if (*family == kIpv6 && (*prefix > 128 || address->size() > 16)) return false;
  }
  return true;
}

bool is_loc(Octets octets) {
  constexpr std::size_t kLocSize = 16;
  if (octets.size() != kLocSize || octets[0] != 0) return false;
  // Size and the two precisions: a digit and a power of ten in four bits each.
  const bool digits = std::ranges::all_of(octets.subspan(1, 3), [](std::uint8_t octet) {
    return octet >> 4 <= 9 && (octet & 15) <= 9;
  });
  // Thousandths of a second of arc from 2^31, which is the equator and the prime meridian.
  constexpr std::int64_t kQuarter = 90LL * 60 * 60 * 1000;
  Reader reader(octets.subspan(4));
  const auto angle = [&reader] { return std::int64_t{reader.u32().value_or(0)} - (1LL << 31); };
  const std::int64_t latitude = angle();
  const std::int64_t longitude = angle();
  return digits && std::abs(latitude) <= kQuarter && std::abs(longitude) <= 2 * kQuarter;
}

bool is_caa_tag(Octets octets) {
  return !octets.empty() && std::ranges::all_of(octets, [](std::uint8_t octet) {
    const int lower = octet | 0x20;
    return (octet >= '0' && octet <= '9') || (lower >= 'a' && lower <= 'z');
  });
}

bool is_digest_size(Type type, std::uint8_t algorithm, std::size_t size) {
  constexpr std::size_t kSha1 = 20;
  constexpr std::size_t kSha256 = 32;
  constexpr std::size_t kSha384 = 48;
  constexpr std::size_t kSha512 = 64;
  constexpr std::size_t kLeastZonemd = 12;  // RFC 8976 section 2.2.4
  switch (type) {
    case Type::CDS:  // algorithm 0 with one octet asks for removal (RFC 8078 section 4)
      if (algorithm == 0) return size == 1;
      [[fallthrough]];
    case Type::DS:  // 0 is reserved (RFC 3658 section 2.4)
      if (algorithm == 1) return size == kSha1;
      if (algorithm == 2 || algorithm == 3) return size == kSha256;  // SHA-256, GOST R 34.11-94
      if (algorithm == 4) return size == kSha384;
      return algorithm != 0 && size != 0;
    case Type::SSHFP:  // RFC 4255 section 3.1.2, RFC 6594
      if (algorithm == 1) return size == kSha1;
      if (algorithm == 2) return size == kSha256;
      return size != 0;
    case Type::ZONEMD:  // RFC 8976 section 2.2.3
      if (algorithm == 1) return size == kSha384;
      if (algorithm == 2) return size == kSha512;
      return size >= kLeastZonemd;
    default:  // TLSA, SMIMEA: matching type 0 is the whole certificate (RFC 6698 section 2.1.3)
      if (algorithm == 1) return size == kSha256;
      if (algorithm == 2) return size == kSha512;
      return size != 0;
  }
}

}  // namespace dotkeep::dns
