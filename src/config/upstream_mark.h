// Which table of upstreams a number is of.
#pragma once

#include <cstdint>

#include "config/config.h"

namespace dotkeep::config {

// A number that two configurations share when they have the same upstreams in the same places, so
// that processes which learn of a reload at different moments do not mistake one server for
// another. No secret is in it, and none guards it: the configuration is the operator's.
[[nodiscard]] std::uint32_t upstream_mark(const Config& config);

}  // namespace dotkeep::config
