// What a server's own certificate must be, whatever its issuer (DESIGN section 5, RFC 9525).
#pragma once

#include <cstdint>
#include <string_view>

#include "tls/certificate.h"
#include "tls/session.h"

namespace dotkeep::tls {

// A fault in a few constant words; verify.cc adds what was seen.
struct Finding {
  FaultKind kind = FaultKind::none;
  const char* detail = "";
  [[nodiscard]] bool bad() const { return kind != FaultKind::none; }
};

// Version 3, not a CA, usable for TLS servers, names where they must be, key and signature strong.
[[nodiscard]] Finding check_leaf_form(const Certificate& leaf);

// `now` in seconds since the epoch; both ends of the validity are inside it (RFC 5280 4.1.2.5).
[[nodiscard]] Finding check_validity(const Certificate& certificate, std::int64_t now);

// All of it: form, then validity, then the name (a host name or an IP literal).
[[nodiscard]] Finding check_leaf(const Certificate& leaf, std::string_view name, std::int64_t now);

}  // namespace dotkeep::tls
