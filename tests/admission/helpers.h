// Addresses, names and tables for the tests of admission.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "admission/admission.h"
#include "base/ip_address.h"
#include "tests/dns/client_message.h"

namespace dotkeep::admission {

inline IpAddress ip(const std::string& text) {
  in_addr four{};
  if (::inet_pton(AF_INET, text.c_str(), &four) == 1) return IpAddress::from(four);
  in6_addr six{};
  EXPECT_EQ(::inet_pton(AF_INET6, text.c_str(), &six), 1) << text;
  return IpAddress::from(six);
}

inline IpAddress ip4(std::uint32_t number) {
  IpAddress address;
  for (std::size_t i = 0; i < 4; ++i) {
    address.octets[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  }
  return address;
}

inline constexpr SipKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};
inline constexpr Time kStart{std::chrono::hours(1000)};

// What frontends share, in plain memory.
struct Memory {
  explicit Memory(std::size_t count = std::size_t{1} << 17) : words(count) {}
  [[nodiscard]] SharedState state() {
    return {words, kKey, kKey, secrets, &unverified, &flood_until};
  }
  std::vector<RateTable::Word> words;
  std::vector<SipKey> secrets;
  std::atomic<std::uint64_t> unverified = 0;
  std::atomic<std::uint64_t> flood_until = 0;
};

}  // namespace dotkeep::admission
