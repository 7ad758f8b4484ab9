// One log line under construction in a fixed buffer, and the escaping that keeps strangers' octets
// from forging a line: whatever goes in, only printable ASCII comes out.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace dotkeep::log {

// A write that would pass the end writes what fits and makes the line not ok() until rewind().
class Line {
 public:
  explicit Line(std::span<char> out) : out_(out), limit_(out.size()) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t size() const { return size_; }

  // Keeps the last `count` octets for finish(). False when there are not so many.
  [[nodiscard]] bool reserve(std::size_t count);
  // Takes back everything after `size`.
  void rewind(std::size_t size);
  // Ends the line with `tail`, which must fit what was reserved.
  void finish(std::string_view tail);

  void put(char octet);
  // Text of our own, as it is.
  void raw(std::string_view text);
  // Printable ASCII as it is, backslash and double quote behind a backslash, all else as \xHH.
  void text(std::string_view text);
  // text(), in double quotes unless it is one plain word.
  void value(std::string_view text);
  // A JSON string in ASCII (RFC 8259): code points beyond it as \uHHHH, octets that are not UTF-8
  // as \u00HH each.
  void json(std::string_view text);

 private:
  void hex(unsigned value, std::size_t digits);
  void json_unit(unsigned unit);

  std::span<char> out_;
  std::size_t limit_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace dotkeep::log
