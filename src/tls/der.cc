#include "tls/der.h"

#include <algorithm>

#include "tls/civil_time.h"

namespace dotkeep::tls {

namespace {

constexpr std::size_t kMaxLengthOctets = 3;

// Two decimal digits, or -1.
int two_digits(Octets text, std::size_t at) {
  const int tens = text[at] - '0';
  const int ones = text[at + 1] - '0';
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1;
  return tens * 10 + ones;
}

}  // namespace

std::optional<Element> Der::any() {
  if (rest_.size() < 2) return std::nullopt;
  const std::uint8_t identifier = rest_[0];
  if (identifier == 0 || (identifier & 0x1fU) == 0x1fU) return std::nullopt;
  std::size_t header = 2;
  std::size_t length = rest_[1];
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7fU;
    if (octets == 0 || octets > kMaxLengthOctets || rest_.size() < 2 + octets) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8 | rest_[2 + i];
    const bool minimal = rest_[2] != 0 && length >= 0x80;
    if (!minimal) return std::nullopt;
    header += octets;
  }
  if (length > rest_.size() - header) return std::nullopt;
  const Element element{static_cast<Tag>(identifier), rest_.subspan(header, length),
                        rest_.first(header + length)};
  rest_ = rest_.subspan(header + length);
  return element;
}

std::optional<Octets> Der::get(Tag tag) {
  if (!next_is(tag)) return std::nullopt;
  const auto element = any();
  if (!element) return std::nullopt;
  return element->content;
}

std::optional<Der> Der::enter(Tag tag) {
  const auto content = get(tag);
  if (!content) return std::nullopt;
  return Der(*content);
}

std::optional<bool> Der::boolean() {
  Der ahead = *this;
  const auto content = ahead.get(Tag::boolean);
  if (!content || content->size() != 1) return std::nullopt;
  if ((*content)[0] != 0 && (*content)[0] != 0xff) return std::nullopt;
  *this = ahead;
  return (*content)[0] == 0xff;
}

std::optional<Octets> Der::natural() {
  Der ahead = *this;
  const auto content = ahead.get(Tag::integer);
  if (!content || content->empty() || (*content)[0] >= 0x80) return std::nullopt;
  if (content->size() > 1 && (*content)[0] == 0 && (*content)[1] < 0x80) return std::nullopt;
  *this = ahead;
  return content;
}

std::optional<std::uint32_t> Der::small_natural() {
  Der ahead = *this;
  const auto content = ahead.natural();
  if (!content || content->size() > 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const std::uint8_t octet : *content) value = value << 8 | octet;
  *this = ahead;
  return value;
}

std::optional<Octets> Der::whole_octets_bit_string() {
  Der ahead = *this;
  const auto content = ahead.get(Tag::bit_string);
  if (!content || content->empty() || (*content)[0] != 0) return std::nullopt;
  *this = ahead;
  return content->subspan(1);
}

std::optional<std::int64_t> Der::time() {
  Der ahead = *this;
  const bool utc = ahead.next_is(Tag::utc_time);
  const auto text = ahead.get(utc ? Tag::utc_time : Tag::generalized_time);
  const std::size_t year_digits = utc ? 2 : 4;
  if (!text || text->size() != year_digits + 11 || text->back() != 'Z') return std::nullopt;
  int fields[7] = {};
  const std::size_t count = text->size() / 2;
  for (std::size_t i = 0; i < count; ++i) {
    fields[i] = two_digits(*text, 2 * i);
    if (fields[i] < 0) return std::nullopt;
  }
  CivilTime civil;
  const int* field = fields;
  if (utc) {
    civil.year = *field >= 50 ? 1900 + *field : 2000 + *field;
  } else {
    civil.year = field[0] * 100 + field[1];
    ++field;
  }
  civil.month = field[1];
  civil.day = field[2];
  civil.hour = field[3];
  civil.minute = field[4];
  civil.second = field[5];
  const auto seconds = from_civil(civil);
  if (seconds) *this = ahead;
  return seconds;
}

bool same_octets(Octets a, Octets b) {
  return std::ranges::equal(a, b);
}

}  // namespace dotkeep::tls
