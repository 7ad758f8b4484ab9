// IP_PKTINFO and IPV6_PKTINFO: to which of our addresses a datagram came, and from which one
// leaves.
#pragma once

#include <sys/socket.h>

#include "frontend/client.h"

namespace dotkeep::frontend {

// Reads our address of a received datagram into `peer`. False: the kernel did not tell.
bool read_local_address(msghdr& header, UdpPeer& peer);

// Makes the control data of `header`, whose buffer is large enough, set the source address to what
// `peer` says.
void write_local_address(const UdpPeer& peer, msghdr& header);

}  // namespace dotkeep::frontend
