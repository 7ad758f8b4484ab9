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
    {"A", Type::A, 1035, absent, {ipv4}},
    {"NS", Type::NS, 1035, compressed, {name}},
    {"MD", Type::MD, 1035, compressed, {name}},
    {"MF", Type::MF, 1035, compressed, {name}},
    {"CNAME", Type::CNAME, 1035, compressed, {name}},
    {"SOA", Type::SOA, 1035, compressed, {name, name, u32, u32, u32, u32, u32}},
    {"MB", Type::MB, 1035, compressed, {name}},
    {"MG", Type::MG, 1035, compressed, {name}},
    {"MR", Type::MR, 1035, compressed, {name}},
    {"NULL", Type::NULL_, 1035, absent, {rest_or_none}},
    {"PTR", Type::PTR, 1035, compressed, {name}},
    {"HINFO", Type::HINFO, 1035, absent, {string, string}},
    {"MINFO", Type::MINFO, 1035, compressed, {name, name}},
    {"MX", Type::MX, 1035, compressed, {u16, name}},
    {"TXT", Type::TXT, 1035, absent, {strings}},
    {"RP", Type::RP, 1183, lenient, {name, name}},
    {"AFSDB", Type::AFSDB, 1183, lenient, {u16, name}},
    {"RT", Type::RT, 1183, lenient, {u16, name}},
    {"SIG", Type::SIG, 2535, misplaced, {}},
    {"KEY", Type::KEY, 2535, misplaced, {}},
    {"PX", Type::PX, 2163, lenient, {u16, name, name}},
    {"AAAA", Type::AAAA, 3596, absent, {ipv6}},
    {"LOC", Type::LOC, 1876, absent, {loc}},
    {"NXT", Type::NXT, 2535, misplaced, {}},
    {"SRV", Type::SRV, 2782, lenient, {u16, u16, u16, name}},
    {"NAPTR", Type::NAPTR, 3403, lenient, {u16, u16, string, string, string, name}},
    {"KX", Type::KX, 2230, plain, {u16, name}},
    {"CERT", Type::CERT, 4398, absent, {u16, u16, u8, rest}},
    {"DNAME", Type::DNAME, 6672, plain, {name}},
    {"OPT", Type::OPT, 6891, misplaced, {}},
    {"APL", Type::APL, 3123, absent, {apl}},
    {"DS", Type::DS, 4034, absent, {u16, u8, u8, digest}},
    {"SSHFP", Type::SSHFP, 4255, absent, {u8, u8, digest}},
    {"IPSECKEY", Type::IPSECKEY, 4025, plain, {u8, u8, u8, gateway, rest_or_none}},
    {"RRSIG", Type::RRSIG, 4034, plain, {type, u8, u8, u32, time, time, u16, name, rest}},
    {"NSEC", Type::NSEC, 4034, plain, {name, bitmap}},
    {"DNSKEY", Type::DNSKEY, 4034, absent, {u16, u8, u8, rest}},
    {"DHCID", Type::DHCID, 4701, absent, {rest}},
    {"NSEC3", Type::NSEC3, 5155, absent, {u8, u8, u16, salt, hash, bitmap}},
    {"NSEC3PARAM", Type::NSEC3PARAM, 5155, absent, {u8, u8, u16, salt}},
    {"TLSA", Type::TLSA, 6698, absent, {u8, u8, u8, digest}},
    {"SMIMEA", Type::SMIMEA, 8162, absent, {u8, u8, u8, digest}},
    {"CDS", Type::CDS, 7344, absent, {u16, u8, u8, digest}},
    {"CDNSKEY", Type::CDNSKEY, 7344, absent, {u16, u8, u8, rest}},
    {"OPENPGPKEY", Type::OPENPGPKEY, 7929, absent, {rest}},
    {"CSYNC", Type::CSYNC, 7477, absent, {u32, u16, bitmap}},
    {"ZONEMD", Type::ZONEMD, 8976, absent, {u32, assigned, assigned, digest}},
    {"SVCB", Type::SVCB, 9460, plain, {u16, name, svc_params}},
    {"HTTPS", Type::HTTPS, 9460, plain, {u16, name, svc_params}},
    {"SPF", Type::SPF, 7208, absent, {strings}},
    {"NID", Type::NID, 6742, absent, {u16, u64}},
    {"L32", Type::L32, 6742, absent, {u16, ipv4}},
    {"L64", Type::L64, 6742, absent, {u16, u64}},
    {"LP", Type::LP, 6742, lenient, {u16, name}},
    {"EUI48", Type::EUI48, 7043, absent, {eui48}},
    {"EUI64", Type::EUI64, 7043, absent, {eui64}},
    {"TKEY", Type::TKEY, 2930, misplaced, {}},
    {"TSIG", Type::TSIG, 8945, misplaced, {}},
    {"IXFR", Type::IXFR, 1995, misplaced, {}},
    {"AXFR", Type::AXFR, 5936, misplaced, {}},
    {"MAILB", Type::MAILB, 1035, misplaced, {}},
    {"MAILA", Type::MAILA, 1035, misplaced, {}},
    {"ANY", Type::ANY, 8482, misplaced, {}},
    {"URI", Type::URI, 7553, absent, {u16, u16, quoted}},
    {"CAA", Type::CAA, 8659, absent, {u8, caa_tag, quoted_or_none}},
};

constexpr RdataForm kOpaque = {{}, Type{}, 3597, absent, {rest_or_none}};
constexpr RdataForm kMeta = {{}, Type{}, 6895, misplaced, {}};

// From a type's number to its row: 1 + the row's place, 0 for none.
constexpr std::size_t kIndexed = 258;
constexpr auto kIndex = [] {
  std::array<std::uint8_t, kIndexed> index{};
  for (std::size_t i = 0; i < std::size(kForms); ++i) {
    index[static_cast<std::size_t>(kForms[i].type)] = static_cast<std::uint8_t>(i + 1);
  }
  return index;
}();

// RDATA grows where names come compressed: no such form has a field without a bound beside them.
constexpr bool stays_short(const RdataForm& form) {
  constexpr Field kUnbounded[] = {strings, bitmap,         digest, rest,       rest_or_none,
                                  quoted,  quoted_or_none, apl,    svc_params, gateway};
  const bool grows = form.names == compressed || form.names == lenient;
  return !grows || std::ranges::find_first_of(form.fields, kUnbounded) == form.fields.end();
}
static_assert(std::ranges::all_of(kForms, stays_short));
static_assert(std::ranges::is_sorted(kForms, {}, &RdataForm::type), "one row a type, in order");

}  // namespace

const RdataForm& form_of(Type type) {
  const auto number = static_cast<std::size_t>(type);
  if (number < kIndexed && kIndex[number] != 0) return kForms[kIndex[number] - 1];
  return number == 0 || (number >= 128 && number <= 255) ? kMeta : kOpaque;
}

}  // namespace dotkeep::dns
