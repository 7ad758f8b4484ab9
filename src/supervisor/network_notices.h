// The kernel's notices that the network changed (rtnetlink(7)), for the connector to read.
#pragma once

#include "base/fd.h"

namespace dotkeep::supervisor {

// A non-blocking netlink socket in the groups for links, addresses and routes. No more than the
// first ipc::kNetworkNotice octets of each notice can ever be read from it: enough to know what
// kind of thing changed, not what its address is. Missing where the kernel or a policy of the
// machine has none, which is logged: dotkeep then finds out by silence. Call without privileges.
[[nodiscard]] Fd open_network_notices();

}  // namespace dotkeep::supervisor
