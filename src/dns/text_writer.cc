#include "dns/text_writer.h"

namespace dotkeep::dns {
namespace {

char character(std::string_view alphabet, std::uint64_t bits) {
  return alphabet[bits & (alphabet.size() - 1)];
}

}  // namespace

void RecordText::add(std::string_view text) {
  full_ = full_ || text.size() > out_.size() - size_;
  if (full_ || text.empty()) return;
  std::memcpy(out_.data() + size_, text.data(), text.size());
  size_ += text.size();
}

void RecordText::hex(Octets octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t octet : octets) {
    const std::array<char, 2> pair{character(kDigits, octet >> 4), character(kDigits, octet)};
    add({pair.data(), pair.size()});
  }
}

void RecordText::base64(Octets octets) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    const std::size_t count = octets.size() - at < 3 ? octets.size() - at : 3;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < count ? octets[at + i] : 0U);
    std::array<char, 4> four{'=', '=', '=', '='};
    for (std::size_t i = 0; i <= count; ++i) four[i] = character(kAlphabet, bits >> (18 - 6 * i));
    add({four.data(), four.size()});
  }
}

void RecordText::base32hex(Octets octets) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
  std::uint64_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t octet : octets) {
    bits = bits << 8 | octet;
    for (held += 8; held >= 5; held -= 5) {
      const char digit = character(kAlphabet, bits >> (held - 5));
      add({&digit, 1});
    }
  }
  if (held == 0) return;
  const char digit = character(kAlphabet, bits << (5 - held));
  add({&digit, 1});
}

void RecordText::quoted(Octets octets) {
  add("\"");
  for (const std::uint8_t octet : octets) {
    if (octet >= ' ' && octet < 0x7f && octet != '"' && octet != '\\') {
      const char plain = static_cast<char>(octet);
      add({&plain, 1});
      continue;
    }
    const std::array<char, 4> escaped{'\\', static_cast<char>('0' + octet / 100),
                                      static_cast<char>('0' + octet / 10 % 10),
                                      static_cast<char>('0' + octet % 10)};
    add({escaped.data(), escaped.size()});
  }
  add("\"");
}

}  // namespace dotkeep::dns
