// The words that the supervisor starts a worker with.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>

namespace dotkeep::ipc {

// A decimal number of at most `most`; 0 for anything else, which no worker starts with.
[[nodiscard]] inline std::uint32_t number(const char* text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  return error == std::errc{} && *end == '\0' && value <= most ? value : 0;
}

}  // namespace dotkeep::ipc
