// Strangers' text made fit for a log line or a terminal.
#pragma once

#include <string>

#include "base/bytes.h"
#include "tls/certificate.h"

namespace dotkeep::tls {

inline constexpr std::size_t kMaxText = 256;

// Printable ASCII only, '?' for every other octet, at most kMaxText.
[[nodiscard]] std::string clean_text(Octets octets);

// Appends until `text` has kMaxText octets; the rest is dropped.
void append_text(std::string& text, std::string_view more);

// "CN=dns.example,O=Example" (RFC 4514 order) of a Name with its SEQUENCE; "" for an empty one.
[[nodiscard]] std::string name_text(Octets name);

// The names of a SAN: "dns.example, *.dns.example, 192.0.2.1".
[[nodiscard]] std::string san_text(const Certificate& certificate);

}  // namespace dotkeep::tls
