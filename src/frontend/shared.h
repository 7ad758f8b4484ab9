// The memory that a frontend shares: with its fellows, and with who reads its counters.
#pragma once

#include <optional>

#include "ipc/counter_page.h"
#include "ipc/shared_limits.h"

namespace dotkeep::frontend {

struct Shared {
  ipc::SharedLimits* limits = nullptr;
  ipc::CounterPage* counters = nullptr;
};

// Maps what was given as ipc::kLimitsFd and ipc::kCountersFd, for the life of the process, and
// closes both. Before the seal. Nothing when the kernel does not map it.
[[nodiscard]] std::optional<Shared> map_shared_memory();

}  // namespace dotkeep::frontend
