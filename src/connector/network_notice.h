// What the kernel says of addresses, routes and links (rtnetlink), as far as it matters here: could
// connections that stand have been broken, or servers that were out of reach have come into reach?
#pragma once

#include "base/bytes.h"

namespace dotkeep::connector {

// One datagram of a NETLINK_ROUTE socket, which may have been cut off after its first
// ipc::kNetworkNotice octets; the numbers in it have the machine's byte order. Only its first
// message is looked at: notices come one by one. False for what is malformed or of another kind.
[[nodiscard]] bool may_break_connections(Octets datagram);

}  // namespace dotkeep::connector
