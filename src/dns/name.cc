#include "dns/name.h"

#include <algorithm>
#include <cstring>

#include "dns/case.h"

namespace dotkeep::dns {
namespace {

// The size of the uncompressed name at the front of `octets`, or 0 where there is none. Types 0x40,
// 0x80 and 0xC0 of a length octet (reserved, reserved, pointer) all show as a label over 63.
std::size_t name_size(Octets octets) {
  const std::size_t limit = std::min(octets.size(), kMaxName);
  std::size_t at = 0;
  while (at < limit) {
    const std::size_t label = octets[at];
    if (label == 0) return at + 1;
    if (label > kMaxLabel) return 0;
    at += 1 + label;
  }
  return 0;
}

}  // namespace

std::optional<Name> Name::parse(Reader& reader) {
  Name name;
  return name.read(reader) ? std::optional(name) : std::nullopt;
}

bool Name::read(Reader& reader) {
  Reader ahead = reader;
  const std::size_t size = name_size(ahead.rest());
  if (size == 0) return false;
  std::memcpy(octets_.data(), reader.take(size)->data(), size);
  size_ = static_cast<std::uint8_t>(size);
  return true;
}

Name Name::trusted(Octets wire) {
  Name name;
  if (wire.empty() || wire.size() > kMaxName) return name;
  std::memcpy(name.octets_.data(), wire.data(), wire.size());
  name.size_ = static_cast<std::uint8_t>(wire.size());
  return name;
}

int Name::labels() const {
  int count = 0;
  for (std::size_t at = 0; octets_[at] != 0; at += 1U + octets_[at]) ++count;
  return count;
}

Name Name::lower() const {
  Name name;
  copy_lower(octets_.data(), size_, name.octets_.data());
  name.size_ = size_;
  return name;
}

bool Name::same_as(const Name& other) const {
  return size_ == other.size_ && equal_but_case(octets_.data(), other.octets_.data(), size_);
}

bool Name::is_within(const Name& ancestor) const {
  if (ancestor.size_ > size_) return false;
  // The ancestor's octets must begin where a label of ours does.
  const std::size_t tail = size() - ancestor.size();
  std::size_t at = 0;
  while (at < tail) at += 1U + octets_[at];
  return at == tail &&
         equal_but_case(octets_.data() + tail, ancestor.octets_.data(), ancestor.size());
}

Name Name::parent() const {
  if (is_root()) return *this;
  return trusted(wire().subspan(1U + octets_[0]));
}

}  // namespace dotkeep::dns
