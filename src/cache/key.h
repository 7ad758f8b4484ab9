// What an answer is kept under: name in lower case, type, DO and CD, as octets that are hashed and
// compared whole.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "dns/query.h"

namespace dotkeep::cache {

class Key {
 public:
  static constexpr std::size_t kMaxSize = dns::kMaxName + 3;

  Key(const dns::Question& question, bool dnssec_ok, bool checking_disabled);

  // Takes octets that another Key gave.
  [[nodiscard]] static Key trusted(Octets octets);

  [[nodiscard]] Octets octets() const { return {octets_.data(), size_}; }
  [[nodiscard]] Octets name() const { return {octets_.data(), size_ - std::size_t{3}}; }
  [[nodiscard]] dns::Type type() const;
  [[nodiscard]] bool dnssec_ok() const { return (octets_[size_ - 1U] & kDnssecOk) != 0; }
  [[nodiscard]] bool checking_disabled() const {
    return (octets_[size_ - 1U] & kCheckingDisabled) != 0;
  }

  // The key of a name that does not exist, whatever type was asked (RFC 2308 section 5): type 0,
  // which no question has.
  [[nodiscard]] Key any_type() const;

 private:
  static constexpr std::uint8_t kDnssecOk = 1;
  static constexpr std::uint8_t kCheckingDisabled = 2;

  Key() = default;

  std::array<std::uint8_t, kMaxSize> octets_;
  std::uint16_t size_ = 0;
};

}  // namespace dotkeep::cache
