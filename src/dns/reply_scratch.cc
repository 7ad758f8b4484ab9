#include "dns/reply_scratch.h"

#include <cstring>

#include "base/random.h"
#include "dns/rdata.h"

namespace dotkeep::dns {

void ReplyScratch::clear() {
  owner_index.clear();
  answers = authorities = owner_count = 0;
  first_dname = kNone;
  dname_owners = 0;
  has_opt = false;
  extended_rcode = ede_count = 0;
  keepalive.reset();
}

std::uint16_t ReplyScratch::find_owner(Octets name) const {
  const auto same = [&](std::uint16_t number) { return same_name(name_of(owners[number]), name); };
  if (owner_count > kFewOwners) return owner_index.find(hash_name(key, name), kNone, same);
  for (std::uint16_t number = 0; number < owner_count; ++number) {
    if (same(number)) return number;
  }
  return kNone;
}

std::uint16_t ReplyScratch::intern_owner(std::uint32_t at, std::uint8_t size) {
  const std::uint16_t known = find_owner(view(at, size));
  if (known != kNone) return known;
  const std::uint16_t number = owner_count++;
  owners[number] = Owner{.at = at, .size = size};
  // The table is filled when the first of many comes.
  if (owner_count == kFewOwners + 1) {
    for (std::uint16_t i = 0; i < number; ++i) index_owner(i);
  }
  if (owner_count > kFewOwners) index_owner(number);
  return number;
}

void ReplyScratch::index_owner(std::uint16_t number) {
  owner_index.insert(hash_name(key, name_of(owners[number])), number);
}

void ReplyScratch::add_answer(std::uint16_t record) {
  Owner& owner = owners[records[record].owner];
  if (owner.first == kNone) {
    owner.first = record;
  } else {
    records[owner.last].next = record;
  }
  owner.last = record;
  if (records[record].type == Type::DNAME) add_dname(record);
}

void ReplyScratch::add_dname(std::uint16_t record) {
  const std::uint16_t number = records[record].owner;
  Owner& owner = owners[number];
  if (owner.dname != kNone) {
    const Octets first = rdata_of(records[owner.dname]);
    owner.many_dnames = owner.many_dnames || !same_name(rdata_of(records[record]), first);
    return;
  }
  owner.dname = record;
  owner.next_dname = first_dname;
  first_dname = number;
  ++dname_owners;
}

Octets signer_name(Octets rdata) {
  constexpr std::size_t kSignerAt = 18;
  const Octets from = rdata.subspan(kSignerAt);
  return from.first(field_size(Field::name, from));
}

ReplyScratchPtr make_reply_scratch() {
  ReplyScratchPtr scratch(new ReplyScratch);
  fill_random({reinterpret_cast<std::uint8_t*>(scratch->key.data()), sizeof(scratch->key)});
  return scratch;
}

void ReplyScratchDeleter::operator()(ReplyScratch* scratch) const {
  delete scratch;
}

std::span<const Ede> last_edes(const ReplyScratch& scratch) {
  return std::span(scratch.edes).first(scratch.ede_count);
}

}  // namespace dotkeep::dns
