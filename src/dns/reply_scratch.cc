#include "dns/reply_scratch.h"

#include <cstring>

#include "base/random.h"
#include "dns/rdata.h"

namespace dotkeep::dns {

void ReplyScratch::clear() {
  owner_index.clear();
  answers = authorities = owner_count = 0;
  any_dname = has_opt = false;
  extended_rcode = ede_count = 0;
  keepalive.reset();
}

std::uint16_t ReplyScratch::find_owner(Octets name) const {
  return owner_index.find(hash_name(key, name), kNone, [&](std::uint16_t number) {
    return same_name(name_of(owners[number]), name);
  });
}

std::uint16_t ReplyScratch::intern_owner(std::uint32_t at, std::uint8_t size) {
  const Octets name = view(at, size);
  const std::uint64_t hash = hash_name(key, name);
  const std::uint16_t known = owner_index.find(
      hash, kNone, [&](std::uint16_t number) { return same_name(name_of(owners[number]), name); });
  if (known != kNone) return known;
  const std::uint16_t number = owner_count++;
  owners[number] = Owner{.at = at, .size = size};
  owner_index.insert(hash, number);
  return number;
}

void ReplyScratch::add_answer(std::uint16_t record) {
  Owner& owner = owners[records[record].owner];
  if (owner.first == kNone) {
    owner.first = record;
  } else {
    records[owner.last].next = record;
  }
  owner.last = record;
  if (records[record].type == Type::DNAME) owner.has_dname = any_dname = true;
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
