// Pins: base64 (RFC 4648 section 4) of the SHA-256 of a SubjectPublicKeyInfo (RFC 7858
// section 4.2).
#include <algorithm>
#include <cctype>

#include "config/config.h"
#include "config/problems.h"

namespace dotkeep::config {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kPinOctets = std::tuple_size_v<Pin>;
constexpr std::size_t kPinText = (kPinOctets + 2) / 3 * 4;  // 43 characters and one '='

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
}

std::string complaint(std::string_view text, std::string_view why) {
  return "is " + quoted(text) + ", " + std::string(why);
}

}  // namespace

std::expected<Pin, std::string> parse_pin(std::string_view text) {
  constexpr std::string_view kScheme = "sha256/";
  std::string_view body = text;
  if (body.starts_with(kScheme)) body.remove_prefix(kScheme.size());
  const std::size_t digits =
      body.find('=') == std::string_view::npos ? body.size() : body.find('=');
  const std::size_t bad = body.substr(0, digits).find_first_not_of(kAlphabet);
  if (bad != std::string_view::npos) {
    return std::unexpected(
        complaint(text, "not base64: " + quoted(body.substr(bad, 1)) + " is not of its alphabet"));
  }
  if (body.size() == 2 * kPinOctets && is_hex(body)) {
    return std::unexpected(complaint(text, "which looks like hexadecimal; a pin is base64"));
  }
  const std::size_t octets = digits * 6 / 8;
  if (octets != kPinOctets) {
    return std::unexpected(complaint(text, "base64 of " + std::to_string(octets) +
                                               " octets; a pin is " + std::to_string(kPinOctets) +
                                               ", the SHA-256 of a public key"));
  }
  if (body.size() != kPinText || body.back() != '=') {
    return std::unexpected(complaint(text, "which must end in exactly one '='"));
  }
  Pin pin{};
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    bits = bits << 6 | static_cast<std::uint32_t>(kAlphabet.find(body[i]));
    const std::size_t have = (i + 1) * 6;
    // The octet that these 6 bits completed, if any.
    if (have % 8 < 6 && i > 0) pin[have / 8 - 1] = static_cast<std::uint8_t>(bits >> have % 8);
  }
  if ((bits & 3U) != 0) {  // two spellings of one pin would be one too many
    return std::unexpected(complaint(text, "whose last character has bits that no octet uses"));
  }
  return pin;
}

std::string pin_text(const Pin& pin) {
  std::string out;
  for (std::size_t i = 0; i < kPinText - 1; ++i) {
    std::uint32_t value = 0;
    for (std::size_t bit = i * 6; bit < i * 6 + 6; ++bit) {
      const std::uint32_t octet = bit / 8 < kPinOctets ? pin[bit / 8] : 0U;
      value = value << 1 | (octet >> (7 - bit % 8) & 1U);
    }
    out += kAlphabet[value];
  }
  return out + "=";
}

}  // namespace dotkeep::config
