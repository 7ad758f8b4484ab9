#include "admission/special.h"

#include <algorithm>
#include <cstring>

namespace dotkeep::admission {
namespace {

// The labels of a name from its end, one at a time.
class Labels {
 public:
  explicit Labels(const dns::Name& name) : wire_(name.wire()) {
    for (std::size_t at = 0; wire_[at] != 0; at += std::size_t{1} + wire_[at]) {
      starts_[count_++] = static_cast<std::uint8_t>(at);
    }
    left_ = count_;
  }

  // Where the label that was taken last begins.
  [[nodiscard]] std::size_t at() const { return starts_[left_]; }

  [[nodiscard]] std::size_t size_of_next() const { return peek().size(); }

  // Steps on if the next label is this one; ASCII case does not matter.
  bool take(std::string_view label) {
    const Octets next = peek();
    if (next.size() != label.size()) return false;
    for (std::size_t i = 0; i < label.size(); ++i) {
      if (dns::to_lower(next[i]) != static_cast<std::uint8_t>(label[i])) return false;
    }
    --left_;
    return true;
  }

  // A label that is an octet in decimal, as in-addr.arpa has it.
  std::optional<unsigned> take_decimal() {
    const Octets next = peek();
    if (next.empty() || next.size() > 3 || (next.size() > 1 && next[0] == '0')) return {};
    unsigned value = 0;
    for (const std::uint8_t c : next) {
      if (c < '0' || c > '9') return {};
      value = 10 * value + (c - '0');
    }
    if (value > 255) return {};
    --left_;
    return value;
  }

  // A label that is a hexadecimal digit, as ip6.arpa has it.
  std::optional<unsigned> take_digit() {
    const Octets next = peek();
    if (next.size() != 1) return {};
    const std::uint8_t c = dns::to_lower(next[0]);
    const bool decimal = c >= '0' && c <= '9';
    if (!decimal && (c < 'a' || c > 'f')) return {};
    --left_;
    return decimal ? c - '0' : c - 'a' + 10;
  }

 private:
  [[nodiscard]] Octets peek() const {
    if (left_ == 0) return {};
    const std::size_t at = starts_[left_ - 1];
    return wire_.subspan(at + 1, wire_[at]);
  }

  Octets wire_;
  std::array<std::uint8_t, 128> starts_;
  std::size_t count_ = 0;
  std::size_t left_ = 0;
};

// The zones of RFC 6303 section 4.2 and RFC 7793, given by the first octets of an address.
bool is_reverse4(Labels& labels) {
  const auto a = labels.take_decimal();
  if (!a) return false;
  if (*a == 0 || *a == 10 || *a == 127) return true;
  const auto b = labels.take_decimal();
  if (!b) return false;
  if (*a == 172 && *b >= 16 && *b <= 31) return true;
  if (*a == 192 && *b == 168) return true;
  if (*a == 169 && *b == 254) return true;
  if (*a == 100 && *b >= 64 && *b <= 127) return true;
  const bool test = (*a == 192 && *b == 0) || (*a == 198 && *b == 51) || (*a == 203 && *b == 0);
  if (!test && !(*a == 255 && *b == 255)) return false;
  const auto c = labels.take_decimal();
  if (!c) return false;
  if (test) return (*a == 192 && *c == 2) || (*a == 198 && *c == 100) || (*a == 203 && *c == 113);
  return *c == 255 && labels.take("255");
}

// RFC 6303 sections 4.3 to 4.6.
bool is_reverse6(Labels& labels) {
  const auto first = labels.take_digit();
  if (!first) return false;
  if (*first == 0xf) {
    const auto second = labels.take_digit();
    if (!second) return false;
    if (*second == 0xd) return true;  // unique local addresses that are assigned here
    const auto third = *second == 0xe ? labels.take_digit() : std::nullopt;
    return third && *third >= 0x8 && *third <= 0xb;  // link-local
  }
  if (*first == 2) {  // documentation: 2001:db8::/32
    for (const std::string_view digit : {"0", "0", "1", "0", "d", "b", "8"}) {
      if (!labels.take(digit)) return false;
    }
    return true;
  }
  if (*first != 0) return false;
  for (int i = 0; i < 30; ++i) {
    if (!labels.take("0")) return false;
  }
  return labels.take("0") || labels.take("1");  // the unspecified address and loopback
}

std::optional<Special> special_below_arpa(Labels& labels) {
  if (labels.take("home")) return Special::home_arpa;
  if (labels.take("resolver")) return Special::resolver;
  if (labels.take("in-addr") && is_reverse4(labels)) return Special::reverse;
  if (labels.take("ip6") && is_reverse6(labels)) return Special::reverse;
  return std::nullopt;
}

std::optional<Special> special_of(Labels& labels) {
  switch (labels.size_of_next()) {  // most names end in none of these, and it tells most of them
    case 4:
      if (labels.take("arpa")) return special_below_arpa(labels);
      if (labels.take("test")) return Special::test;
      break;
    case 5:
      if (labels.take("local")) return Special::local;
      if (labels.take("onion")) return Special::onion;
      break;
    case 7:
      if (labels.take("invalid")) return Special::invalid;
      break;
    case 9:
      if (labels.take("localhost")) return Special::localhost;
      break;
    default:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::optional<SpecialName> find_special(const dns::Name& name) {
  Labels labels(name);
  const auto special = special_of(labels);
  if (!special) return std::nullopt;
  return SpecialName{*special, labels.at()};
}

}  // namespace dotkeep::admission
