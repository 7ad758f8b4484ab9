// An IP address; an IPv4-mapped IPv6 address is the IPv4 address it stands for.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace dotkeep {

struct IpAddress {
  std::uint8_t family = 4;                // 4 or 6
  std::array<std::uint8_t, 16> octets{};  // the first 4 for IPv4, the rest 0

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

  [[nodiscard]] Octets view() const { return Octets(octets).first(family == 4 ? 4 : 16); }

  [[nodiscard]] static IpAddress from(const in_addr& in) {
    IpAddress ip;
    std::memcpy(ip.octets.data(), &in, 4);
    return ip;
  }
  [[nodiscard]] static IpAddress from(const in6_addr& in) {
    IpAddress ip;
    if (IN6_IS_ADDR_V4MAPPED(&in)) {
      std::memcpy(ip.octets.data(), &in.s6_addr[12], 4);
    } else {
      ip.family = 6;
      std::memcpy(ip.octets.data(), &in, 16);
    }
    return ip;
  }

  // 0.0.0.0 or ::, which stand for every address.
  [[nodiscard]] bool is_unspecified() const { return octets == decltype(octets){}; }

  // The address with all but the first `length` bits cleared.
  [[nodiscard]] IpAddress prefix(unsigned length) const {
    IpAddress ip = *this;
    ip.set_half(0, half(0) & mask(length));
    ip.set_half(1, half(1) & mask(length < 64 ? 0 : length - 64));
    return ip;
  }

  // Whether both have their first `length` bits in common.
  [[nodiscard]] bool agrees(const IpAddress& other, unsigned length) const {
    return family == other.family && ((half(0) ^ other.half(0)) & mask(length)) == 0 &&
           ((half(1) ^ other.half(1)) & mask(length < 64 ? 0 : length - 64)) == 0;
  }

 private:
  // 64 bits at a time; the first octet is the highest.
  [[nodiscard]] std::uint64_t half(std::size_t which) const {
    std::uint64_t value = 0;
    std::memcpy(&value, octets.data() + 8 * which, sizeof value);
    return from_big_endian(value);
  }
  void set_half(std::size_t which, std::uint64_t value) {
    value = from_big_endian(value);
    std::memcpy(octets.data() + 8 * which, &value, sizeof value);
  }
  // The first `length` of 64 bits, or all of them.
  [[nodiscard]] static std::uint64_t mask(unsigned length) {
    return length == 0 ? 0 : ~std::uint64_t{0} << (64 - (length < 64 ? length : 64));
  }
};

// The addresses that share their first `length` bits with `address`.
struct IpPrefix {
  IpAddress address;
  std::uint8_t length = 0;

  [[nodiscard]] bool contains(const IpAddress& ip) const { return ip.agrees(address, length); }
};

// A socket address as the kernel gives and takes it, IPv4 or IPv6.
struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  SocketAddress() : v6{} {}

  [[nodiscard]] socklen_t size() const { return any.sa_family == AF_INET ? sizeof v4 : sizeof v6; }
  [[nodiscard]] IpAddress ip() const {
    return any.sa_family == AF_INET ? IpAddress::from(v4.sin_addr) : IpAddress::from(v6.sin6_addr);
  }
  [[nodiscard]] std::uint16_t port() const {
    return ntohs(any.sa_family == AF_INET ? v4.sin_port : v6.sin6_port);
  }
};

}  // namespace dotkeep
