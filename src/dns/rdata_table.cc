#include <algorithm>

#include "dns/rdata.h"

namespace dotkeep::dns {
namespace {

using enum Field;
using enum Names;

// Which names may come compressed is what RFC 3597 section 4 says: the types of RFC 1035, and
// leniently RP, AFSDB, RT, PX, NAPTR and SRV. (Its SIG and NXT have no place in a reply.) And LP,
// though newer: software in use compresses it, dnspython for one.
constexpr RdataForm kForms[] = {
    {Type::A, "A", 1035, absent, {ipv4}},
    {Type::NS, "NS", 1035, compressed, {name}},
    {Type::MD, "MD", 1035, compressed, {name}},
    {Type::MF, "MF", 1035, compressed, {name}},
    {Type::CNAME, "CNAME", 1035, compressed, {name}},
    {Type::SOA, "SOA", 1035, compressed, {name, name, u32, u32, u32, u32, u32}},
    {Type::MB, "MB", 1035, compressed, {name}},
    {Type::MG, "MG", 1035, compressed, {name}},
    {Type::MR, "MR", 1035, compressed, {name}},
    {Type::NULL_, "NULL", 1035, absent, {rest_or_none}},
    {Type::PTR, "PTR", 1035, compressed, {name}},
    {Type::HINFO, "HINFO", 1035, absent, {string, string}},
    {Type::MINFO, "MINFO", 1035, compressed, {name, name}},
    {Type::MX, "MX", 1035, compressed, {u16, name}},
    {Type::TXT, "TXT", 1035, absent, {strings}},
    {Type::RP, "RP", 1183, lenient, {name, name}},
    {Type::AFSDB, "AFSDB", 1183, lenient, {u16, name}},
    {Type::RT, "RT", 1183, lenient, {u16, name}},
    {Type::SIG, "SIG", 2535, misplaced, {}},
    {Type::KEY, "KEY", 2535, misplaced, {}},
    {Type::PX, "PX", 2163, lenient, {u16, name, name}},
    {Type::AAAA, "AAAA", 3596, absent, {ipv6}},
    {Type::LOC, "LOC", 1876, absent, {loc}},
    {Type::NXT, "NXT", 2535, misplaced, {}},
    {Type::SRV, "SRV", 2782, lenient, {u16, u16, u16, name}},
    {Type::NAPTR, "NAPTR", 3403, lenient, {u16, u16, string, string, string, name}},
    {Type::KX, "KX", 2230, plain, {u16, name}},
    {Type::CERT, "CERT", 4398, absent, {u16, u16, u8, rest}},
    {Type::DNAME, "DNAME", 6672, plain, {name}},
    {Type::OPT, "OPT", 6891, misplaced, {}},
    {Type::APL, "APL", 3123, absent, {apl}},
    {Type::DS, "DS", 4034, absent, {u16, u8, u8, digest}},
    {Type::SSHFP, "SSHFP", 4255, absent, {u8, u8, digest}},
    {Type::IPSECKEY, "IPSECKEY", 4025, plain, {u8, u8, u8, gateway, rest_or_none}},
    {Type::RRSIG, "RRSIG", 4034, plain, {type, u8, u8, u32, time, time, u16, name, rest}},
    {Type::NSEC, "NSEC", 4034, plain, {name, bitmap}},
    {Type::DNSKEY, "DNSKEY", 4034, absent, {u16, u8, u8, rest}},
    {Type::DHCID, "DHCID", 4701, absent, {rest}},
    {Type::NSEC3, "NSEC3", 5155, absent, {u8, u8, u16, salt, hash, bitmap}},
    {Type::NSEC3PARAM, "NSEC3PARAM", 5155, absent, {u8, u8, u16, salt}},
    {Type::TLSA, "TLSA", 6698, absent, {u8, u8, u8, digest}},
    {Type::SMIMEA, "SMIMEA", 8162, absent, {u8, u8, u8, digest}},
    {Type::CDS, "CDS", 7344, absent, {u16, u8, u8, digest}},
    {Type::CDNSKEY, "CDNSKEY", 7344, absent, {u16, u8, u8, rest}},
    {Type::OPENPGPKEY, "OPENPGPKEY", 7929, absent, {rest}},
    {Type::CSYNC, "CSYNC", 7477, absent, {u32, u16, bitmap}},
    {Type::ZONEMD, "ZONEMD", 8976, absent, {u32, u8, u8, digest}},
    {Type::SVCB, "SVCB", 9460, plain, {u16, name, svc_params}},
    {Type::HTTPS, "HTTPS", 9460, plain, {u16, name, svc_params}},
    {Type::SPF, "SPF", 7208, absent, {strings}},
    {Type::NID, "NID", 6742, absent, {u16, u64}},
    {Type::L32, "L32", 6742, absent, {u16, ipv4}},
    {Type::L64, "L64", 6742, absent, {u16, u64}},
    {Type::LP, "LP", 6742, lenient, {u16, name}},
    {Type::EUI48, "EUI48", 7043, absent, {eui48}},
    {Type::EUI64, "EUI64", 7043, absent, {eui64}},
    {Type::TKEY, "TKEY", 2930, misplaced, {}},
    {Type::TSIG, "TSIG", 8945, misplaced, {}},
    {Type::IXFR, "IXFR", 1995, misplaced, {}},
    {Type::AXFR, "AXFR", 5936, misplaced, {}},
    {Type::MAILB, "MAILB", 1035, misplaced, {}},
    {Type::MAILA, "MAILA", 1035, misplaced, {}},
    {Type::ANY, "ANY", 8482, misplaced, {}},
    {Type::URI, "URI", 7553, absent, {u16, u16, quoted}},
    {Type::CAA, "CAA", 8659, absent, {u8, caa_tag, quoted_or_none}},
};

constexpr RdataForm kOpaque = {Type{}, {}, 3597, absent, {rest_or_none}};
constexpr RdataForm kMeta = {Type{}, {}, 6895, misplaced, {}};

// From a type's number to its row: 1 + the row's place, 0 for none.
constexpr std::size_t kIndexed = 258;
constexpr auto kIndex = [] {
  std::array<std::uint8_t, kIndexed> index{};
  for (std::size_t i = 0; i < std::size(kForms); ++i) {
    index[static_cast<std::size_t>(kForms[i].type)] = static_cast<std::uint8_t>(i + 1);
  }
  return index;
}();
static_assert(std::ranges::is_sorted(kForms, {}, &RdataForm::type), "one row a type, in order");

}  // namespace

const RdataForm& form_of(Type type) {
  const auto number = static_cast<std::size_t>(type);
  if (number < kIndexed && kIndex[number] != 0) return kForms[kIndex[number] - 1];
  return number == 0 || (number >= 128 && number <= 255) ? kMeta : kOpaque;
}

}  // namespace dotkeep::dns
