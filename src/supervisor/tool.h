// Short-lived sealed programs that do for a command what the command itself must not: read octets
// of strangers. They print what a person asked for themselves, so that nothing of theirs has to be
// parsed.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "config/config.h"

namespace dotkeep::supervisor {

// Runs a program of libexec/dotkeep to its end: its exit status, or a sentence.
[[nodiscard]] std::expected<int, std::string> run_tool(const std::string& program,
                                                       std::vector<std::string> arguments,
                                                       std::vector<std::pair<int, int>> fds);

// A socket connected to `endpoint`; for TCP it waits at most `patience`. The error is a sentence.
[[nodiscard]] std::expected<Fd, std::string> connect_socket(const config::Endpoint& endpoint,
                                                            int type, Duration patience);

}  // namespace dotkeep::supervisor
