// The last thing that a worker does before its event loop.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "ipc/exit_status.h"
#include "sandbox/sandbox.h"

namespace dotkeep::ipc {

// Seals the process, holds what came of it against `require`, logs it and tells the supervisor by
// closing kUnsealedFd. Nothing: it was logged why, and the process must end with kNotContained.
[[nodiscard]] std::optional<sandbox::Sealed> seal_worker(const sandbox::Policy& policy,
                                                         const sandbox::OnlyGiven& given,
                                                         const sandbox::Grants& grants,
                                                         std::span<const std::string> require);

}  // namespace dotkeep::ipc
