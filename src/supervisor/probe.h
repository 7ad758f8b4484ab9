// The handshake with one upstream, done by dotkeep-probe.
#pragma once

#include <string>

#include "base/fd.h"
#include "config/config.h"

namespace dotkeep::supervisor {

// What the probe prints: everything about the connection, or pins to paste.
enum class ProbeReport { check, pin };

// Connects, hands the connection and the CA certificates (a memfd) to a sealed dotkeep-probe and
// waits for it. True: the server proved to be who it should be.
[[nodiscard]] bool probe(const config::Upstream& upstream, const Fd& trust, ProbeReport report);

}  // namespace dotkeep::supervisor
