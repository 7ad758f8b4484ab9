#include "tls/pin.h"

#include <cstddef>

namespace dotkeep::tls {

std::string pin_to_text(const Pin& pin) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < pin.size(); i += 3) {
    const std::size_t count = pin.size() - i < 3 ? pin.size() - i : 3;
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < count ? pin[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) {
      text.push_back(j <= count ? alphabet[bits >> (18 - 6 * j) & 63U] : '=');
    }
  }
  return text;
}

}  // namespace dotkeep::tls
