// Name constraints (RFC 5280 section 4.2.1.10) of a CA, applied to a certificate below it.
#pragma once

#include "tls/certificate.h"

namespace dotkeep::tls {

// Each general subtree costs a walk over the names below it, so their product is bounded.
inline constexpr unsigned kMaxSubtrees = 1024;

// Whether `below` keeps to the constraints that `ca` has, if any. Forms: dNSName and iPAddress in
// full; permitted directory names by octet-wise prefix; every other form, and excluded directory
// names (where an encoding might hide equality), refuse a certificate that has such a name. What
// is malformed refuses.
[[nodiscard]] bool within_constraints(const Certificate& ca, const Certificate& below);

}  // namespace dotkeep::tls
