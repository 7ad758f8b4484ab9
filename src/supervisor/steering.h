// Steering by name: which of several frontends gets a datagram is decided by the question's name,
// so that each name has one owner and nothing has to be shared.
#pragma once

#include <cstdint>

namespace dotkeep::supervisor {

// Attaches the program to a group of `sockets` UDP sockets bound with SO_REUSEPORT, through any one
// of them. False: the kernel refused (errno tells); it then spreads by address.
[[nodiscard]] bool steer_by_name(int socket, std::uint32_t sockets);

// The socket, in order of binding, that a datagram with these octets goes to: what the program
// computes. For tests.
[[nodiscard]] std::uint32_t steered_to(const std::uint8_t* payload, std::uint32_t size,
                                       std::uint32_t sockets);

}  // namespace dotkeep::supervisor
