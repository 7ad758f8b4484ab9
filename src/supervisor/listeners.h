// The listening sockets: bound here, while the right to is still there, or handed over by systemd.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/fd.h"
#include "config/config.h"

namespace dotkeep::supervisor {

// One [[listen]] and protocol: a socket for each frontend, or one that they share.
struct Listener {
  std::string what;  // "udp 127.0.0.1:53"
  std::vector<Fd> sockets;
  [[nodiscard]] int socket_of(std::size_t frontend) const {
    return sockets[frontend % sockets.size()].get();
  }
};

// Binds every listener of the configuration. The error is a sentence that says what was in the way.
[[nodiscard]] std::expected<std::vector<Listener>, std::string> bind_listeners(
    const config::Config& config, std::uint32_t frontends);

// The sockets that systemd handed over (LISTEN_FDS, LISTEN_PID; sd_listen_fds(3)), instead of those
// of the configuration. Empty when there are none; an error when one is not of use here.
[[nodiscard]] std::expected<std::vector<Listener>, std::string> inherited_listeners();

}  // namespace dotkeep::supervisor
