// The sockets of the control room, made while the right to is there.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/fd.h"
#include "config/config.h"
#include "supervisor/account.h"

namespace dotkeep::supervisor {

struct ControlSockets {
  Fd control;  // Unix stream, listening; none when there is none or it could not be made
  Fd metrics;  // TCP, listening; none without metrics.listen
};

// `account`: who the socket is to belong to, when it is not us. A control socket that cannot be
// made is a warning, since nobody's queries need it; the metrics page was asked for by name, so
// without its address there is no start: the error is a sentence.
[[nodiscard]] std::expected<ControlSockets, std::string> open_control_sockets(
    const config::Config& config, const std::optional<Account>& account);

// A Unix stream socket that listens at `path`, for `account` and its group only. Its folder is made
// when it is missing; a socket that nobody listens on is taken away, anything else stays. The error
// is a sentence.
[[nodiscard]] std::expected<Fd, std::string> bind_control_socket(
    const std::string& path, const std::optional<Account>& account);

}  // namespace dotkeep::supervisor
