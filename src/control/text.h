// Text into a span of fixed size: what does not fit is left out, and the writer says so.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace dotkeep::control {

class Text {
 public:
  explicit Text(std::span<char> out) : out_(out) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view view() const { return {out_.data(), size_}; }
  void clear() {
    size_ = 0;
    ok_ = true;
  }

  // Text of our own, as it is.
  Text& raw(std::string_view text) {
    if (text.size() > out_.size() - size_) {
      ok_ = false;
    } else if (!text.empty()) {
      std::memcpy(out_.data() + size_, text.data(), text.size());
      size_ += text.size();
    }
    return *this;
  }

  // Text of another process: what could end a quoted string or move a terminal's cursor becomes
  // '?'.
  Text& plain(std::string_view text) {
    for (const char c : text) {
      const bool safe = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
      raw(safe ? std::string_view(&c, 1) : std::string_view("?"));
    }
    return *this;
  }
  // The same in quotes.
  Text& quoted(std::string_view text) { return raw("\"").plain(text).raw("\""); }

  Text& number(std::uint64_t value) {
    std::array<char, 20> digits{};
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    return raw({digits.data(), static_cast<std::size_t>(result.ptr - digits.data())});
  }

  // `value` / 10^`places`, with all places: thousandths(1500, 3) is "1.500".
  Text& decimal(std::uint64_t value, unsigned places) {
    std::uint64_t unit = 1;
    for (unsigned i = 0; i < places; ++i) unit *= 10;
    number(value / unit);
    if (places == 0) return *this;
    raw(".");
    for (std::uint64_t digit = unit / 10; digit != 0; digit /= 10) {
      const char c = static_cast<char>('0' + value / digit % 10);
      raw({&c, 1});
    }
    return *this;
  }

  // Spaces up to column `column` of a line that began at `line`; at least one.
  Text& column(std::size_t line, std::size_t column) {
    do raw(" ");
    while (ok_ && size_ - line < column);
    return *this;
  }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace dotkeep::control
