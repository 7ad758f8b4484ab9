// A look at a TOML text before the TOML library sees it.
#pragma once

#include <optional>
#include <string_view>

#include "config/config.h"

namespace dotkeep::config {

// What breaks kMaxFileOctets, kMaxDots or kMaxNesting, is a multi-line string, or is not ASCII
// outside quotes and comments. Cost: one pass.
[[nodiscard]] std::optional<Problem> prescan(std::string_view text);

}  // namespace dotkeep::config
