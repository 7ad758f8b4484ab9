// Pins as people write them: base64 (RFC 4648 section 4) of 32 octets, "sha256/" before it or not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tls/session.h"

namespace dotkeep::tls {

[[nodiscard]] std::string pin_to_text(const Pin& pin);

}  // namespace dotkeep::tls
