// SO_TIMESTAMPNS: when a datagram came to this machine.
#pragma once

#include <sys/socket.h>

#include "base/time.h"

namespace dotkeep::frontend {

// How long a received datagram has waited in its socket. None, too, when the kernel did not say, or
// the time of day went back meanwhile.
[[nodiscard]] Duration time_waited(msghdr& header);

}  // namespace dotkeep::frontend
