#include "base/log_line.h"

#include <algorithm>
#include <cstdint>

namespace dotkeep::log {
namespace {

bool printable(char octet) {
  return octet >= ' ' && octet <= '~';
}

struct CodePoint {
  std::uint32_t value;
  std::size_t length;  // octets; 0: not UTF-8
};

// The code point at the front of `text`, by RFC 3629: shortest form, no surrogates, at most
// U+10FFFF.
CodePoint decode(std::string_view text) {
  const auto octet = [&](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(text[i]);
  };
  const std::uint32_t first = octet(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {0, 0};
  std::uint32_t value = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xc0U) != 0x80) return {0, 0};
    value = value << 6 | (octet(i) & 0x3fU);
  }
  const std::uint32_t least = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < least || value > 0x10ffff || surrogate) return {0, 0};
  return {value, length};
}

}  // namespace

bool Line::reserve(std::size_t count) {
  if (count > limit_ - size_) return false;
  limit_ -= count;
  return true;
}

void Line::rewind(std::size_t size) {
  size_ = std::min(size, size_);
  ok_ = true;
}

void Line::finish(std::string_view tail) {
  limit_ = out_.size();
  raw(tail);
}

void Line::put(char octet) {
  if (size_ >= limit_) {
    ok_ = false;
    return;
  }
  out_[size_++] = octet;
}

void Line::raw(std::string_view text) {
  for (const char octet : text) put(octet);
}

void Line::hex(unsigned value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0;) put("0123456789abcdef"[value >> (4 * i) & 0xfU]);
}

void Line::text(std::string_view text) {
  for (const char octet : text) {
    if (octet == '\\' || octet == '"') {
      put('\\');
      put(octet);
    } else if (printable(octet)) {
      put(octet);
    } else {
      raw("\\x");
      hex(static_cast<unsigned char>(octet), 2);
    }
  }
}

void Line::value(std::string_view text) {
  const bool word = !text.empty() && std::ranges::all_of(text, [](char octet) {
    return printable(octet) && octet != ' ' && octet != '"' && octet != '\\' && octet != '=';
  });
  if (!word) put('"');
  Line::text(text);
  if (!word) put('"');
}

void Line::json_unit(unsigned unit) {
  raw("\\u");
  hex(unit, 4);
}

void Line::json(std::string_view text) {
  put('"');
  while (!text.empty()) {
    const CodePoint point = decode(text);
    const char first = text.front();
    text.remove_prefix(std::max<std::size_t>(point.length, 1));
    if (point.length == 0) {
      json_unit(static_cast<unsigned char>(first));
    } else if (point.value >= 0x10000) {
      json_unit(0xd800U + ((point.value - 0x10000) >> 10));
      json_unit(0xdc00U + (point.value & 0x3ffU));
    } else if (!printable(first)) {
      json_unit(point.value);
    } else {
      if (first == '"' || first == '\\') put('\\');
      put(first);
    }
  }
  put('"');
}

}  // namespace dotkeep::log
