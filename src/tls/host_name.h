// Server names: what an Identity asks for, and what a certificate's names cover (RFC 9525).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "tls/certificate.h"

namespace dotkeep::tls {

struct IpLiteral {
  std::array<std::uint8_t, 16> octets{};
  std::size_t size = 0;  // 4 or 16
  [[nodiscard]] Octets view() const { return Octets(octets).first(size); }
};

// "192.0.2.1" or "2001:db8::1", without brackets, port or zone.
[[nodiscard]] std::optional<IpLiteral> ip_literal(std::string_view text);

// A host name in ASCII (A-labels): letters, digits, hyphen and underscore, labels of 1 to 63,
// at most 253 octets, no final dot.
[[nodiscard]] bool host_name(std::string_view text);

// Whether a dNSName covers `host` (a valid host name): the same, without regard to case, or '*'
// as the whole left-most label, for exactly one label, with at least two labels after it.
[[nodiscard]] bool covers(Octets dns_name, std::string_view host);

// Whether the SAN has a dNSName that covers a host name, or the iPAddress that an IP literal is.
// Never the common name; never a dNSName for an IP literal.
[[nodiscard]] bool covers(const Certificate& certificate, std::string_view name);

// Whether a dNSName is a host name, or one with a leading "*.".
[[nodiscard]] bool presentable(Octets dns_name);

// `text` as a view of characters.
[[nodiscard]] std::string_view as_text(Octets octets);

// Equal without regard to ASCII case.
[[nodiscard]] bool same_text(std::string_view a, std::string_view b);

}  // namespace dotkeep::tls
