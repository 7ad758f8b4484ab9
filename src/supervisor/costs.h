// What one item costs each process at most, in octets. The frontend's are those of
// frontend/room.cc, the upstream's what a session was measured to take (docs/wolfssl-resources.md).
#pragma once

#include "config/budget.h"

namespace dotkeep::supervisor {

inline constexpr config::Costs kCosts = {
    .frontend = {.fixed = 40U << 20,
                 .pending = 2048,
                 .tcp_client = 8192,
                 .listener = 512U << 10,
                 .route = 512,
                 .cache = true},
    .upstream = {.fixed = 8U << 20, .server = 4U << 20, .pending = 1024, .anchors = 8U << 20},
    .connector = {.fixed = 4U << 20, .server = 128},
    .control = {.fixed = 8U << 20, .frontend = 3U << 20, .server = 512U << 10},
    .supervisor = {.fixed = 8U << 20},
};

}  // namespace dotkeep::supervisor
