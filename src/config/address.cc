// Endpoints and prefixes: text to octets and back. Names are never looked up.
#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "config/config.h"
#include "config/problems.h"
#include "config/units.h"

namespace dotkeep::config {
namespace {

struct Address {
  std::uint8_t family = 4;
  std::array<std::uint8_t, 16> octets{};
};

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const Address& address) {
  return address.family == 6 && std::equal(kMapped.begin(), kMapped.end(), address.octets.begin());
}

// ::ffff:a.b.c.d is the same host as a.b.c.d, and one rule must cover both spellings.
void fold(Address& address) {
  std::copy(address.octets.begin() + 12, address.octets.end(), address.octets.begin());
  std::fill(address.octets.begin() + 4, address.octets.end(), std::uint8_t{0});
  address.family = 4;
}

bool convert(int family, std::string_view text, std::uint8_t* out) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  // An octet 0 inside would hide what follows it from inet_pton().
  if (text.size() >= copy.size() || text.contains('\0')) return false;
  std::ranges::copy(text, copy.begin());
  return inet_pton(family, copy.data(), out) == 1;
}

std::expected<Address, std::string> parse_address(std::string_view text) {
  Address address;
  if (text.contains('%')) {
    return std::unexpected("is " + quoted(text) +
                           "; an address with a zone such as %eth0 cannot be used");
  }
  if (convert(AF_INET, text, address.octets.data())) return address;
  address.family = 6;
  if (convert(AF_INET6, text, address.octets.data())) return address;
  return std::unexpected("is " + quoted(text) +
                         ", not an IPv4 or IPv6 address (names are not looked up)");
}

std::string address_text(std::uint8_t family, const std::array<std::uint8_t, 16>& octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family == 4 ? AF_INET : AF_INET6, octets.data(), text.data(), text.size());
  return text.data();
}

bool has_bits_beyond(const Address& address, std::size_t length) {
  const std::size_t bits = address.family == 4 ? 32 : 128;
  for (std::size_t i = length; i < bits; ++i) {
    if ((address.octets[i / 8] >> (7 - i % 8) & 1U) != 0) return true;
  }
  return false;
}

struct Split {
  std::string_view address;
  std::string_view port;
  bool has_port = false;
};

// Only brackets tell an IPv6 address from the port behind it.
std::expected<Split, std::string> split(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    const std::string_view inside =
        text.substr(1, close == std::string_view::npos ? close : close - 1);
    const std::string_view after = close == std::string_view::npos ? "" : text.substr(close + 1);
    if (close == std::string_view::npos || !inside.contains(':') ||
        !(after.empty() || after.front() == ':')) {
      return std::unexpected("is " + quoted(text) + "; write IPv6 as \"[2001:db8::1]:PORT\"");
    }
    return Split{inside, after.empty() ? after : after.substr(1), !after.empty()};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return Split{text, "", false};
  if (text.find(':', colon + 1) != std::string_view::npos) {
    return std::unexpected("is " + quoted(text) +
                           "; an IPv6 address stands in brackets, \"[2001:db8::1]:PORT\"");
  }
  return Split{text.substr(0, colon), text.substr(colon + 1), true};
}

}  // namespace

std::expected<Endpoint, std::string> parse_endpoint(std::string_view text,
                                                    std::uint16_t default_port) {
  if (text.contains('#')) {
    return std::unexpected(
        "is " + quoted(text) +
        "; '#' and a name belong to the command line's --upstream, in a file the "
        "name is a key of its own: name = \"...\"");
  }
  const auto parts = split(text);
  if (!parts) return std::unexpected(parts.error());
  auto address = parse_address(parts->address);
  if (!address) return std::unexpected(address.error());
  if (is_mapped(*address)) fold(*address);
  std::uint64_t port = default_port;
  if (parts->has_port) {
    const auto number = parse_decimal(parts->port);
    if (!number || *number == 0 || *number > 65535) {
      return std::unexpected("has the port " + quoted(parts->port) +
                             "; a port is a number from 1 to 65535");
    }
    port = *number;
  }
  return Endpoint{address->family, address->octets, static_cast<std::uint16_t>(port)};
}

std::string Endpoint::to_text() const {
  const std::string text = address_text(family, address);
  return (family == 4 ? text : "[" + text + "]") + ":" + std::to_string(port);
}

socklen_t Endpoint::to_sockaddr(sockaddr_storage& out) const {
  std::memset(&out, 0, sizeof(out));
  if (family == 4) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    std::memcpy(&four.sin_addr, address.data(), sizeof(four.sin_addr));
    std::memcpy(&out, &four, sizeof(four));
    return sizeof(four);
  }
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  std::memcpy(&six.sin6_addr, address.data(), sizeof(six.sin6_addr));
  std::memcpy(&out, &six, sizeof(six));
  return sizeof(six);
}

std::expected<Prefix, std::string> parse_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  auto address = parse_address(text.substr(0, slash));
  if (!address) return std::unexpected(address.error());
  const std::uint64_t bits = address->family == 4 ? 32 : 128;
  if (slash == std::string_view::npos) {
    return std::unexpected("is " + quoted(text) + " without a length; for this one host write \"" +
                           std::string(text) + "/" + std::to_string(bits) + "\"");
  }
  auto length = parse_decimal(text.substr(slash + 1));
  if (!length || *length > bits) {
    return std::unexpected("is " + quoted(text) + "; the length is a number from 0 to " +
                           std::to_string(bits));
  }
  if (is_mapped(*address) && *length >= 96) {
    fold(*address);
    *length -= 96;
  }
  if (has_bits_beyond(*address, *length)) {
    return std::unexpected("is " + quoted(text) + ", which has bits set beyond its length");
  }
  return Prefix{address->family, address->octets, static_cast<std::uint8_t>(*length)};
}

std::string Prefix::to_text() const {
  return address_text(family, address) + "/" + std::to_string(length);
}

bool Prefix::contains(const Prefix& other) const {
  if (family != other.family || length > other.length) return false;
  Address difference{family, {}};
  for (std::size_t i = 0; i < address.size(); ++i) {
    difference.octets[i] = address[i] ^ other.address[i];
  }
  for (std::size_t i = 0; i < length; ++i) {
    if ((difference.octets[i / 8] >> (7 - i % 8) & 1U) != 0) return false;
  }
  return true;
}

}  // namespace dotkeep::config
