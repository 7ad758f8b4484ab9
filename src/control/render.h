// A snapshot as text. What does not fit `out` is left out, and `out` says so.
#pragma once

#include "control/snapshot.h"
#include "control/text.h"

namespace dotkeep::control {

// Prometheus' text format, version 0.0.4.
void render_metrics(const Snapshot& snapshot, Text& out);

// `addresses`: refused prefixes as they are; else only the /16 or /32 that they are in.
void render_status(const Snapshot& snapshot, bool addresses, Text& out);
void render_status_json(const Snapshot& snapshot, bool addresses, Text& out);

// Whether all processes run sealed and a server is up, or none has been tried yet.
[[nodiscard]] bool is_healthy(const Snapshot& snapshot);

// Octets that any of these can come to for so many frontends and servers.
[[nodiscard]] std::size_t rendered_size(std::size_t frontends, std::size_t servers);

// "10.1.0.0/16", "2001:db8::/32"; without `addresses` no longer than these.
void render_prefix(const ipc::RefusedPrefix& prefix, bool addresses, Text& out);

}  // namespace dotkeep::control
