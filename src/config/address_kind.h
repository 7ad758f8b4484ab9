// Addresses that read well and still cannot be meant.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "config/config.h"

namespace dotkeep::config {

// Why no socket can be bound to it, as the end of a sentence.
[[nodiscard]] std::optional<std::string> unusable_locally(const Endpoint& endpoint);
// Why no connection can be made to it.
[[nodiscard]] std::optional<std::string> unusable_remotely(const Endpoint& endpoint);

// Loopback, private, link-local and unique local prefixes: who may ask when nothing else is said.
[[nodiscard]] std::span<const Prefix> local_prefixes();

// Whether a prefix reaches so far beyond local_prefixes() that it must be an open resolver: shorter
// than /8 in IPv4, the largest block that anyone holds, or than /16 in IPv6, the same.
[[nodiscard]] bool opens_to_the_world(const Prefix& prefix);

}  // namespace dotkeep::config
