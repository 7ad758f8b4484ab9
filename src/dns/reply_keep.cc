#include <algorithm>
#include <array>

#include "dns/rdata.h"
#include "dns/reply_select.h"

namespace dotkeep::dns {
namespace {

// Up to here each record is compared with each; beyond, through a table.
constexpr std::size_t kFewMembers = 8;

// Apart, for the memory that only few types need.
[[gnu::noinline]] bool same_folded(const RdataForm& form, Octets a, Octets b) {
  std::array<std::uint8_t, kMaxCompressible> space_a;
  std::array<std::uint8_t, kMaxCompressible> space_b;
  return std::ranges::equal(fold_names(form, a, space_a), fold_names(form, b, space_b));
}

[[gnu::noinline]] std::uint64_t hash_folded(const SipKey& key, const RdataForm& form,
                                            Octets rdata) {
  std::array<std::uint8_t, kMaxCompressible> space;
  return siphash(key, fold_names(form, rdata, space));
}

// Equal but for the case of names that our compressor may change (see fold_names).
bool same_rdata(const RdataForm& form, Octets a, Octets b) {
  if (a.size() != b.size()) return false;
  if (std::ranges::equal(a, b)) return true;
  return form.names == Names::compressed && same_folded(form, a, b);
}

std::uint64_t hash_rdata(const SipKey& key, const RdataForm& form, Octets rdata) {
  return form.names == Names::compressed ? hash_folded(key, form, rdata) : siphash(key, rdata);
}

}  // namespace

void Keeper::keep_answers(const Owner& owner, Type type) {
  begin_rrset();
  for (std::uint16_t i = owner.first; i != kNone; i = scratch_.records[i].next) {
    if (scratch_.records[i].type == type) add(i);
  }
  if (dnssec_ok_) {
    for (std::uint16_t i = owner.first; i != kNone; i = scratch_.records[i].next) {
      const ParsedRecord& record = scratch_.records[i];
      if (record.type == Type::RRSIG && covered_type(scratch_.rdata_of(record)) == type) add(i);
    }
  }
  end_rrset(type);
}

void Keeper::add(std::uint16_t record) {
  ParsedRecord& added = scratch_.records[record];
  if (added.kept) return;
  added.kept = true;
  scratch_.members[member_count_++] = record;
}

void Keeper::end_rrset(Type type) {
  // One TTL for the RRset and its signatures (RFC 2181 section 5.2, RFC 4034 section 3). RRSIGs
  // that were asked for by type are no RRset: each goes with what it covers.
  std::uint32_t lowest = kMaxTtl;
  for (std::size_t i = 0; i < member_count_; ++i) {
    lowest = std::min(lowest, scratch_.records[scratch_.members[i]].ttl);
  }
  if (member_count_ > kFewMembers) scratch_.rdata_index.clear();
  for (std::size_t i = 0; i < member_count_; ++i) {
    const auto position = static_cast<std::uint16_t>(i);
    if (is_duplicate(position)) continue;
    const ParsedRecord& record = scratch_.records[scratch_.members[i]];
    const std::size_t ttl_at = out_.size() + record.owner_size + 2;
    const std::uint32_t ttl = type == Type::RRSIG ? record.ttl : lowest;
    out_.octets(scratch_.whole(record));
    out_.patch_u16(ttl_at, static_cast<std::uint16_t>(ttl >> 16));
    out_.patch_u16(ttl_at + 2, static_cast<std::uint16_t>(ttl));
    ++count_;
  }
}

bool Keeper::is_duplicate(std::uint16_t position) {
  const ParsedRecord& record = scratch_.records[scratch_.members[position]];
  const RdataForm& form = form_of(record.type);
  const Octets rdata = scratch_.rdata_of(record);
  const auto same = [&](std::uint16_t other_position) {
    const ParsedRecord& other = scratch_.records[scratch_.members[other_position]];
    return other.type == record.type && same_rdata(form, scratch_.rdata_of(other), rdata);
  };
  if (member_count_ <= kFewMembers) {
    for (std::uint16_t i = 0; i < position; ++i) {
      if (same(i)) return true;
    }
    return false;
  }
  const std::uint64_t hash = hash_rdata(scratch_.key, form, rdata);
  if (scratch_.rdata_index.find(hash, kNone, same) != kNone) return true;
  scratch_.rdata_index.insert(hash, position);
  return false;
}

}  // namespace dotkeep::dns
