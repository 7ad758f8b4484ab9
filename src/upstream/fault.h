// Faults of TLS and of sockets as the one list of upstream faults.
#pragma once

#include <string_view>

#include "base/upstream_fault.h"
#include "tls/session.h"

namespace dotkeep::upstream {

[[nodiscard]] UpstreamFault fault_of(tls::FaultKind kind);

// Of connecting. 0, which no failed connect(2) gives, is the connector's rate bound.
[[nodiscard]] UpstreamFault fault_of_errno(int error);
// What it means, in words; of any number, as a taken connector may say any.
[[nodiscard]] std::string_view words_of_errno(int error);

}  // namespace dotkeep::upstream
