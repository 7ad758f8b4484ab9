// Who asked, and where the answer goes.
#pragma once

#include <cstdint>
#include <variant>

#include "base/ip_address.h"
#include "dns/types.h"

namespace dotkeep::frontend {

// A datagram's sender, and which of our addresses it was sent to: the answer leaves from there.
struct UdpPeer {
  std::uint16_t listener = 0;
  SocketAddress remote;
  IpAddress local;              // used on wildcard listeners only
  std::uint32_t interface = 0;  // likewise; 0: any
};

// A connection by its slot; `generation` tells it from those that had the slot before.
struct TcpPeer {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
};

struct Client {
  IpAddress ip;
  std::variant<UdpPeer, TcpPeer> peer;
  bool proven = false;         // admission::Decision::proven, once it was asked
  std::uint16_t listener = 0;  // the number among all listeners of the one that it came to
  bool crowded = false;        // admission::Asker::crowded
  [[nodiscard]] bool is_tcp() const { return std::holds_alternative<TcpPeer>(peer); }
};

[[nodiscard]] inline dns::Transport transport_of(const Client& client) {
  return client.is_tcp() ? dns::Transport::tcp : dns::Transport::udp;
}

}  // namespace dotkeep::frontend
