#include "dns/name_view.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "dns/case.h"

namespace dotkeep::dns {

bool same_name(Octets a, Octets b) {
  if (a.size() != b.size()) return false;
  // Most spellings are the same; the fold is for those that are not.
  return std::memcmp(a.data(), b.data(), a.size()) == 0 ||
         equal_but_case(a.data(), b.data(), a.size());
}

bool name_within(Octets name, Octets ancestor) {
  std::size_t at = 0;
  while (name.size() - at > ancestor.size()) at += name[at] + std::size_t{1};
  // A label that reaches over the place where the ancestor would begin leaves too little.
  return same_name(name.subspan(at), ancestor);
}

Ancestors::Ancestors(Octets name) : name_(name) {
  for (std::size_t at = 0; at < name.size(); at += name[at] + std::size_t{1}) {
    sizes_.set(name.size() - at);
  }
}

bool Ancestors::has(Octets ancestor) const {
  return sizes_.test(ancestor.size()) && same_name(name_.last(ancestor.size()), ancestor);
}

Octets name_parent(Octets name) {
  return name.size() <= 1 ? name : name.subspan(name[0] + std::size_t{1});
}

std::uint64_t hash_name(const SipKey& key, Octets name) {
  std::array<std::uint8_t, kMaxName> lower;
  const std::size_t size = std::min(name.size(), lower.size());
  copy_lower(name.data(), size, lower.data());
  return siphash(key, Octets(lower).first(size));
}

}  // namespace dotkeep::dns
