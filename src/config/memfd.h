// The configuration as a worker is handed it: a sealed memfd with the effective text.
#pragma once

#include <optional>

#include "config/config.h"

namespace dotkeep::config {

// Nothing when it cannot be read or parsed; the supervisor has checked it, so the log line that
// says why tells of a bug.
[[nodiscard]] std::optional<Config> read_memfd(int fd);

}  // namespace dotkeep::config
