#include "cache/key.h"

#include <cstring>

#include "dns/case.h"

namespace dotkeep::cache {

Key::Key(const dns::Question& question, bool dnssec_ok, bool checking_disabled) {
  const Octets name = question.name.wire();
  dns::copy_lower(name.data(), name.size(), octets_.data());
  const auto type = static_cast<std::uint16_t>(question.type);
  std::uint8_t* const rest = octets_.data() + name.size();
  rest[0] = static_cast<std::uint8_t>(type >> 8);
  rest[1] = static_cast<std::uint8_t>(type);
  rest[2] = static_cast<std::uint8_t>((dnssec_ok ? kDnssecOk : 0) |
                                      (checking_disabled ? kCheckingDisabled : 0));
  size_ = static_cast<std::uint16_t>(name.size() + 3);
}

Key Key::trusted(Octets octets) {
  Key key;
  std::memcpy(key.octets_.data(), octets.data(), octets.size());
  key.size_ = static_cast<std::uint16_t>(octets.size());
  return key;
}

dns::Type Key::type() const {
  return static_cast<dns::Type>(octets_[size_ - 3U] << 8 | octets_[size_ - 2U]);
}

Key Key::any_type() const {
  Key key = *this;
  key.octets_[size_ - 3U] = 0;
  key.octets_[size_ - 2U] = 0;
  return key;
}

}  // namespace dotkeep::cache
