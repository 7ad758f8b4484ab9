// Numbers of the protocol, by their registry names (IANA DNS Parameters).
#pragma once

#include <cstddef>
#include <cstdint>

namespace dotkeep::dns {

// RRTYPE. Any 16-bit value may occur; the named ones are those the code speaks of.
enum class Type : std::uint16_t {
  A = 1,
  NS = 2,
  MD = 3,
  MF = 4,
  CNAME = 5,
  SOA = 6,
  MB = 7,
  MG = 8,
  MR = 9,
  NULL_ = 10,
  PTR = 12,
  HINFO = 13,
  MINFO = 14,
  MX = 15,
  TXT = 16,
  RP = 17,
  AFSDB = 18,
  RT = 21,
  SIG = 24,
  KEY = 25,
  PX = 26,
  AAAA = 28,
  LOC = 29,
  NXT = 30,
  SRV = 33,
  NAPTR = 35,
  KX = 36,
  CERT = 37,
  DNAME = 39,
  OPT = 41,
  APL = 42,
  DS = 43,
  SSHFP = 44,
  IPSECKEY = 45,
  RRSIG = 46,
  NSEC = 47,
  DNSKEY = 48,
  DHCID = 49,
  NSEC3 = 50,
  NSEC3PARAM = 51,
  TLSA = 52,
  SMIMEA = 53,
  HIP = 55,
  CDS = 59,
  CDNSKEY = 60,
  OPENPGPKEY = 61,
  CSYNC = 62,
  ZONEMD = 63,
  SVCB = 64,
  HTTPS = 65,
  SPF = 99,
  NID = 104,
  L32 = 105,
  L64 = 106,
  LP = 107,
  EUI48 = 108,
  EUI64 = 109,
  TKEY = 249,
  TSIG = 250,
  IXFR = 251,
  AXFR = 252,
  MAILB = 253,
  MAILA = 254,
  ANY = 255,
  URI = 256,
  CAA = 257,
};

inline constexpr std::uint16_t kClassIn = 1;

// Extended RCODE (RFC 6895 section 2.3): the low four bits are in the header, the rest in the OPT.
enum class Rcode : std::uint16_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
  yxdomain = 6,
  badvers = 16,
  badcookie = 23,
};

enum class Opcode : std::uint8_t {
  query = 0,
  iquery = 1,
  status = 2,
  notify = 4,
  update = 5,
  dso = 6
};

enum class EdnsOption : std::uint16_t {
  nsid = 3,
  client_subnet = 8,
  cookie = 10,
  tcp_keepalive = 11,
  padding = 12,
  extended_error = 15,
};

// INFO-CODE of an Extended DNS Error (RFC 8914 section 4).
enum class ExtendedError : std::uint16_t {
  other = 0,
  stale_answer = 3,
  forged_answer = 4,
  dnssec_bogus = 6,
  cached_error = 13,
  blocked = 15,
  censored = 16,
  filtered = 17,
  prohibited = 18,
  stale_nxdomain = 19,
  not_authoritative = 20,
  not_supported = 21,
  no_reachable_authority = 22,
  network_error = 23,
  invalid_data = 24,
  synthesized = 29,  // draft-homburg-dnsop-codcp
};

enum class Transport : std::uint8_t { udp, tcp };

inline constexpr std::size_t kHeaderSize = 12;
inline constexpr std::size_t kMaxMessage =
    65535;  // what a two-octet TCP length can say (RFC 1035 4.2.2)
inline constexpr std::size_t kMaxName = 255;  // RFC 1035 section 2.3.4, the root's octet included
inline constexpr std::size_t kMaxLabel = 63;
// No UDP answer is larger, so none is fragmented (DNS Flag Day 2020; RFC 9715 section 3.1).
inline constexpr std::size_t kUdpPayload = 1232;
inline constexpr std::size_t kUdpPayloadWithoutEdns = 512;  // RFC 1035 section 4.2.1
inline constexpr std::uint32_t kMaxTtl = 86400;  // a day: no upstream may pin an answer longer

}  // namespace dotkeep::dns
