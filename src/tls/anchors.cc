#include "tls/anchors.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dotkeep::tls {

namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

bool white(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Padded base64 with white space anywhere. False when it is anything else, or too large.
bool decode(std::string_view text, std::vector<std::uint8_t>& out) {
  std::uint32_t bits = 0;
  unsigned count = 0;  // characters, padding included
  unsigned padding = 0;
  for (const char c : text) {
    if (white(c)) continue;
    const int value = c == '=' ? 0 : base64_value(c);
    if (value < 0 || (padding != 0 && c != '=')) return false;
    if (c == '=' && (++padding > 2 || count % 4 < 2)) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++count % 4 != 0) continue;
    if (out.size() + 3 > kMaxCertificate) return false;
    for (unsigned i = 0; i < 3 - padding; ++i) {
      out.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * i)));
    }
    bits = 0;
  }
  return count != 0 && count % 4 == 0;
}

}  // namespace

bool next_pem(std::string_view& pem, std::vector<std::uint8_t>& out) {
  out.clear();
  const std::size_t begin = pem.find(kBegin);
  if (begin == std::string_view::npos) return false;
  const std::string_view rest = pem.substr(begin + kBegin.size());
  const std::size_t end = rest.find(kEnd);
  if (end == std::string_view::npos) return false;
  if (!decode(rest.substr(0, end), out)) out.clear();
  pem = rest.substr(end + kEnd.size());
  return true;
}

bool Anchors::add(Octets der) {
  std::vector<std::uint8_t> owned(der.begin(), der.end());
  const auto certificate = parse_certificate(owned);
  if (!certificate || certificate->version != 3 || !certificate->extensions.ca ||
      certificate->empty_subject() || !strong(certificate->key)) {
    return false;
  }
  // Moving a vector moves no octets, so the views stay true.
  octets_.push_back(std::move(owned));
  certificates_.push_back(*certificate);
  return true;
}

}  // namespace dotkeep::tls
