// What is answered for special names.
#include <array>

#include "admission/special.h"

namespace dotkeep::admission {
namespace {

// RFC 6303 section 3: TTL, serial, refresh, retry, expire, and how long a "no" may be kept.
constexpr std::uint32_t kTtl = 10800;
constexpr std::array<std::uint32_t, 5> kSoaNumbers{1, 3600, 1200, 604800, 10800};
constexpr std::string_view kMailbox("\6nobody\7invalid\0", 16);  // RNAME

constexpr std::array<std::uint8_t, 4> kLoopback4{127, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> kLoopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

// Records in the form of dns::Reply::packed.
void write_head(Writer& out, Octets owner, dns::Type type, std::size_t size) {
  out.octets(owner);
  out.u16(static_cast<std::uint16_t>(type));
  out.u32(kTtl);
  out.u16(static_cast<std::uint16_t>(size));
}

void write_soa(Writer& out, Octets zone) {
  write_head(out, zone, dns::Type::SOA, zone.size() + kMailbox.size() + 20);
  out.octets(zone);
  for (const char c : kMailbox) out.u8(static_cast<std::uint8_t>(c));
  for (const std::uint32_t number : kSoaNumbers) out.u32(number);
}

// Nothing is in these at all, not even a top: they are no zones that anybody serves.
bool has_no_top(Special special) {
  return special == Special::invalid || special == Special::test || special == Special::local ||
         special == Special::onion;
}

// RFC 9462 section 4: every name of it exists, so that "no" means no encrypted resolver and not
// that the zone is broken. RFC 6761 section 6.3: likewise every name of localhost.
bool has_every_name(Special special) {
  return special == Special::resolver || special == Special::localhost;
}

bool write_answer(Writer& out, const dns::Question& question, Special special, Octets zone,
                  bool top) {
  const Octets owner = question.name.wire();
  if (special == Special::localhost && question.type == dns::Type::A) {
    write_head(out, owner, dns::Type::A, kLoopback4.size());
    out.octets(kLoopback4);
    return true;
  }
  if (special == Special::localhost && question.type == dns::Type::AAAA) {
    write_head(out, owner, dns::Type::AAAA, kLoopback6.size());
    out.octets(kLoopback6);
    return true;
  }
  if (!top) return false;
  if (question.type == dns::Type::SOA) {
    write_soa(out, zone);
    return true;
  }
  if (question.type == dns::Type::NS) {
    write_head(out, owner, dns::Type::NS, zone.size());
    out.octets(zone);
    return true;
  }
  return false;
}

}  // namespace

bool is_for_the_parent(const dns::Question& question, const SpecialName& name) {
  const bool delegated = name.special == Special::home_arpa || name.special == Special::reverse;
  return delegated && name.zone_at == 0 && question.type == dns::Type::DS;
}

dns::Reply answer_special(const dns::Question& question, const SpecialName& name,
                          LocalRecords& memory) {
  const Octets zone = question.name.wire().subspan(name.zone_at);
  const bool top = name.zone_at == 0;
  const bool no_top = has_no_top(name.special);
  dns::Reply reply;
  Writer out(memory);
  if (write_answer(out, question, name.special, zone, top && !no_top)) {
    reply.answers = 1;
  } else {
    const bool exists = has_every_name(name.special) || (top && !no_top);
    reply.rcode = exists ? dns::Rcode::noerror : dns::Rcode::nxdomain;
    write_soa(out, zone);
    reply.authorities = 1;
  }
  reply.packed = out.written();
  return reply;
}

}  // namespace dotkeep::admission
