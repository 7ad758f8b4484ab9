#include <algorithm>

#include "dns/name_view.h"
#include "dns/reply_select.h"

namespace dotkeep::dns {
namespace {

bool is_proof(Type type) {
  return type == Type::NSEC || type == Type::NSEC3 || type == Type::DS || type == Type::RRSIG;
}

// The numbers of the authority records that deny or sign.
struct Proofs {
  std::array<std::uint16_t, kMaxProofs> records;
  std::size_t count = 0;
};

Proofs find_proofs(const ReplyScratch& scratch) {
  Proofs proofs;
  const std::size_t end = std::size_t{scratch.answers} + scratch.authorities;
  for (std::size_t i = scratch.answers; i < end && proofs.count < kMaxProofs; ++i) {
    if (is_proof(scratch.records[i].type)) {
      proofs.records[proofs.count++] = static_cast<std::uint16_t>(i);
    }
  }
  return proofs;
}

// The first SOA of a zone that the chain's end lies in; kNone without one. Others are not about
// what was asked.
std::uint16_t find_soa(const Chain& chain, const ReplyScratch& scratch) {
  const std::size_t end = std::size_t{scratch.answers} + scratch.authorities;
  const Ancestors zones(chain.end());
  for (std::size_t i = scratch.answers; i < end; ++i) {
    const ParsedRecord& record = scratch.records[i];
    if (record.type == Type::SOA && zones.has(scratch.owner_of(record))) {
      return static_cast<std::uint16_t>(i);
    }
  }
  return kNone;
}

class Authority {
 public:
  Authority(const Chain& chain, ReplyScratch& scratch, Keeper& keeper)
      : chain_(chain), scratch_(scratch), keeper_(keeper) {
    if (keeper.dnssec_ok()) proofs_ = find_proofs(scratch);
  }

  void keep_soa(std::uint16_t soa) {
    zone_ = scratch_.owner_of(scratch_.records[soa]);
    keeper_.begin_rrset();
    keeper_.add(soa);
    add_signatures(zone_, Type::SOA);
    keeper_.end_rrset(Type::SOA);
  }

  void keep_denials() {
    for (std::size_t i = 0; i < proofs_.count; ++i) {
      const ParsedRecord& first = scratch_.records[proofs_.records[i]];
      if (first.type == Type::RRSIG || first.kept) continue;
      const Octets owner = scratch_.owner_of(first);
      if (!is_in_zone(owner, first.type)) continue;
      keeper_.begin_rrset();
      for (std::size_t k = i; k < proofs_.count; ++k) {
        const ParsedRecord& record = scratch_.records[proofs_.records[k]];
        if (record.type == first.type && same_name(scratch_.owner_of(record), owner)) {
          keeper_.add(proofs_.records[k]);
        }
      }
      add_signatures(owner, first.type);
      keeper_.end_rrset(first.type);
    }
  }

 private:
  [[nodiscard]] bool signs(const ParsedRecord& record, Octets owner, Type type) const {
    return record.type == Type::RRSIG && covered_type(scratch_.rdata_of(record)) == type &&
           same_name(scratch_.owner_of(record), owner);
  }

  void add_signatures(Octets owner, Type type) {
    for (std::size_t i = 0; i < proofs_.count; ++i) {
      if (signs(scratch_.records[proofs_.records[i]], owner, type)) keeper_.add(proofs_.records[i]);
    }
  }

  // In the zone of the SOA, or in one whose signature says so and which a name of the chain lies
  // in: a wildcard's expansion anywhere in the chain is shown by a denial of its zone (RFC 4035
  // section 3.1.3.3), and positive answers have no SOA.
  [[nodiscard]] bool is_in_zone(Octets owner, Type type) const {
    if (!zone_.empty() && name_within(owner, zone_)) return true;
    for (std::size_t i = 0; i < proofs_.count; ++i) {
      const ParsedRecord& record = scratch_.records[proofs_.records[i]];
      if (!signs(record, owner, type)) continue;
      const Octets signer = signer_name(scratch_.rdata_of(record));
      if (name_within(owner, signer) && leads_into(signer)) return true;
    }
    return false;
  }

  [[nodiscard]] bool leads_into(Octets zone) const {
    return std::any_of(chain_.names.begin(), chain_.names.begin() + static_cast<int>(chain_.length),
                       [&](Octets name) { return name_within(name, zone); });
  }

  const Chain& chain_;
  ReplyScratch& scratch_;
  Keeper& keeper_;
  Proofs proofs_;
  Octets zone_;
};

}  // namespace

bool keep_authority(const Chain& chain, ReplyScratch& scratch, Keeper& keeper) {
  if (scratch.authorities == 0) return false;
  Authority authority(chain, scratch, keeper);
  // A positive answer needs none.
  const std::uint16_t soa = chain.answered ? kNone : find_soa(chain, scratch);
  if (soa != kNone) authority.keep_soa(soa);
  if (keeper.dnssec_ok()) authority.keep_denials();
  return soa != kNone;
}

}  // namespace dotkeep::dns
