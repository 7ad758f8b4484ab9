// SHA-1 (RFC 3174), for one thing only: OCSP names an issuer by it (RFC 6960 section 4.1.1). That
// name proves nothing by itself, a signature does; nothing else may use this.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace dotkeep::tls {

[[nodiscard]] std::array<std::uint8_t, 20> sha1_for_ocsp(Octets octets);

}  // namespace dotkeep::tls
