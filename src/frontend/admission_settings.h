// The configuration in admission's terms.
#pragma once

#include <vector>

#include "admission/gate.h"
#include "admission/settings.h"
#include "config/config.h"
#include "frontend/client_counts.h"

namespace dotkeep::frontend {

// A socket that we listen on, as it says itself.
struct Listening {
  admission::Place at;
  bool tcp = false;
};

[[nodiscard]] admission::Settings admission_settings(const config::Config& config);
[[nodiscard]] ClientPrefixes client_prefixes(const config::Config& config);

// Each listener with the lists of the [[listen]] that has its address, port and protocol; one that
// was inherited from systemd and that no [[listen]] describes has those of [access].
[[nodiscard]] admission::Gate make_gate(const config::Config& config,
                                        const std::vector<Listening>& listeners);

// Bit i: Config::upstreams[i] has an address of the public Internet, so that what it says about
// private addresses is not to be believed.
[[nodiscard]] std::uint64_t public_upstreams(const config::Config& config);

}  // namespace dotkeep::frontend
