#include <algorithm>
#include <array>

#include "dns/rdata.h"
#include "dns/reply_select.h"

namespace dotkeep::dns {
namespace {

// Up to here each record is compared with each; beyond, through a table.
constexpr std::size_t kFewMembers = 8;

}  // namespace

void Keeper::keep_answers(const Owner& owner, Type type) {
  begin_rrset();
  for (std::uint16_t i = owner.first; i != kNone; i = scratch_.records[i].next) {
    if (scratch_.records[i].type == type) add(i);
  }
  if (dnssec_ok_ && type != Type::RRSIG) {
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
  std::array<std::uint8_t, kMaxCompressible> space;
  const Octets rdata = fold_names(form, scratch_.rdata_of(record), space);
  const auto same = [&](std::uint16_t other_position) {
    const ParsedRecord& other = scratch_.records[scratch_.members[other_position]];
    if (other.type != record.type || other.rdata_size != rdata.size()) return false;
    std::array<std::uint8_t, kMaxCompressible> other_space;
    const Octets other_rdata = fold_names(form, scratch_.rdata_of(other), other_space);
    return std::ranges::equal(rdata, other_rdata);
  };
  if (member_count_ <= kFewMembers) {
    for (std::uint16_t i = 0; i < position; ++i) {
      if (same(i)) return true;
    }
    return false;
  }
  const std::uint64_t hash = siphash(scratch_.key, rdata);
  if (scratch_.rdata_index.find(hash, kNone, same) != kNone) return true;
  scratch_.rdata_index.insert(hash, position);
  return false;
}

}  // namespace dotkeep::dns
