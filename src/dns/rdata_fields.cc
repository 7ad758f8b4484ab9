#include "dns/rdata_fields.h"

#include <algorithm>

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
  return std::ranges::all_of(octets.subspan(1, 3), [](std::uint8_t octet) {
    return octet >> 4 <= 9 && (octet & 15) <= 9;
  });
}

bool is_caa_tag(Octets octets) {
  return !octets.empty() && std::ranges::all_of(octets, [](std::uint8_t octet) {
    const int lower = octet | 0x20;
    return (octet >= '0' && octet <= '9') || (lower >= 'a' && lower <= 'z');
  });
}

std::size_t digest_size(Type type, std::uint8_t algorithm) {
  constexpr std::size_t kSha1 = 20;
  constexpr std::size_t kSha256 = 32;
  constexpr std::size_t kSha384 = 48;
  constexpr std::size_t kSha512 = 64;
  switch (type) {
    case Type::DS:
    case Type::CDS:  // algorithm 0 with one octet asks for removal (RFC 8078 section 4)
      if (algorithm == 1) return kSha1;
      if (algorithm == 2 || algorithm == 3) return kSha256;  // SHA-256, GOST R 34.11-94
      return algorithm == 4 ? kSha384 : 0;
    case Type::SSHFP:  // RFC 4255 section 3.1.2, RFC 6594
      if (algorithm == 1) return kSha1;
      return algorithm == 2 ? kSha256 : 0;
    case Type::TLSA:
    case Type::SMIMEA:  // matching type 0 is the whole certificate (RFC 6698 section 2.1.3)
      if (algorithm == 1) return kSha256;
      return algorithm == 2 ? kSha512 : 0;
    case Type::ZONEMD:  // RFC 8976 section 2.2.3
      if (algorithm == 1) return kSha384;
      return algorithm == 2 ? kSha512 : 0;
    default:
      return 0;
  }
}

}  // namespace dotkeep::dns
