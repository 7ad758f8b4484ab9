// Which control socket a running dotkeep has.
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>

namespace dotkeep::supervisor {

// By what the kernel shows of `pid`, a supervisor or any of its workers that holds the socket: to
// root only. The error is a sentence.
[[nodiscard]] std::expected<std::string, std::string> control_socket_of(pid_t pid);

}  // namespace dotkeep::supervisor
