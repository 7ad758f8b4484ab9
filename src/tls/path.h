// The verified path: from the server's certificate up, one checked signature at a time, to a trust
// anchor. Presented certificates that are not on it prove nothing.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "tls/certificate.h"
#include "tls/leaf_check.h"
#include "tls/session.h"

namespace dotkeep::tls {

inline constexpr std::size_t kMaxPresented = 6;  // the build of wolfSSL refuses more
// In all of one search, so that certificates made to look like each other's issuers cost little.
inline constexpr unsigned kMaxSignatureChecks = 16;

// Position 0 is the server's. One with empty `whole` was not understood and is not looked at.
using Presented = std::span<const Certificate>;

struct Path {
  Finding finding;
  std::array<bool, kMaxPresented> presented{};  // those on the path
  const Certificate* anchor = nullptr;          // null in the pinned profile
  const Certificate* issuer = nullptr;          // of the server's own; null when that is the anchor
};

// Whether certificates that are out of date are out.
enum class Dates : std::uint8_t { count, ignored };

// To one of `anchors`. With `pins`, a path on which some certificate, the anchor included, has a
// pinned key; when there are only others the finding is pin_mismatch and the path is one of them.
[[nodiscard]] Path find_anchored_path(Presented presented, std::span<const Certificate> anchors,
                                      std::span<const Pin> pins, std::int64_t now,
                                      Dates dates = Dates::count);

// The pinned profile (RFC 7858 section 4.2): to a certificate with a pinned key, which is the
// anchor. Validity is asked of the certificates below it, not of the pinned key's own.
[[nodiscard]] Path find_pinned_path(Presented presented, std::span<const Pin> pins,
                                    std::int64_t now, Dates dates = Dates::count);

}  // namespace dotkeep::tls
