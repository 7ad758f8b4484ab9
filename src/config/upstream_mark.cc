#include "config/upstream_mark.h"

#include "base/siphash.h"

namespace dotkeep::config {

std::uint32_t upstream_mark(const Config& config) {
  std::string text;
  // No part can have a zero octet, so the parts cannot run into each other.
  const auto add = [&text](const std::string& part) { text.append(part).push_back('\0'); };
  for (const Upstream& upstream : config.upstreams) {
    add(upstream.id);
    add(upstream.endpoint.to_text());
    add(upstream.name);
    for (const Pin& pin : upstream.pins) add(pin_text(pin));
    add(std::to_string(static_cast<int>(upstream.post_quantum)));
    add(std::to_string(static_cast<int>(upstream.pin_mode)));
    add(std::to_string(static_cast<int>(upstream.ocsp)));
  }
  const SipKey key{};
  return static_cast<std::uint32_t>(
      siphash(key, Octets(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
}

}  // namespace dotkeep::config
