// The one place where dotkeep opens a connection.
#pragma once

#include <expected>

#include "base/fd.h"
#include "config/config.h"

namespace dotkeep::connector {

// A non-blocking TCP socket that is connecting, or connected, to `endpoint`; else the errno.
[[nodiscard]] std::expected<Fd, int> open_socket(const config::Endpoint& endpoint);

}  // namespace dotkeep::connector
