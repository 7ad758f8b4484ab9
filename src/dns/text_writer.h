// Characters into a span that may be too short. Internal to text.cc.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstring>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace dotkeep::dns {

// A piece that does not fit is left out, and all after it.
class RecordText {
 public:
  explicit RecordText(std::span<char> out) : out_(out) {}

  [[nodiscard]] std::string_view written() const { return {out_.data(), size_}; }

  void add(std::string_view text);
  void number(std::unsigned_integral auto value, int base = 10) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
    add({digits.data(), end});
  }
  void hex(Octets octets);
  // RFC 4648 sections 4 and 7, the latter without padding as NSEC3 has it.
  void base64(Octets octets);
  void base32hex(Octets octets);
  // In double quotes; what is not printable as \DDD.
  void quoted(Octets octets);

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
  bool full_ = false;
};

}  // namespace dotkeep::dns
