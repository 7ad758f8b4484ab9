// DER built octet by octet, for what no tool would make.
#pragma once

#include <string>
#include <string_view>

namespace dotkeep::tls::test {

// DER of one element; `content` as characters, so that literals can be joined.
inline std::string der(int tag, const std::string& content) {
  std::string out(1, static_cast<char>(tag));
  if (content.size() >= 0x100) {
    out += "\x82";
    out += static_cast<char>(content.size() >> 8);
  } else if (content.size() >= 0x80) {
    out += "\x81";
  }
  out += static_cast<char>(content.size() & 0xff);
  return out + content;
}
inline std::string sequence(const std::string& content) {
  return der(0x30, content);
}
inline std::string oid(std::string_view content) {
  return der(0x06, std::string(content));
}

}  // namespace dotkeep::tls::test
