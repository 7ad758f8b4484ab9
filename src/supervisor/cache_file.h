// The file of `cache.file`: opened, taken for this dotkeep alone, and given its size, while there
// is still the right to. What is in it only frontends look at.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "base/fd.h"
#include "config/config.h"

namespace dotkeep::supervisor {

// No descriptor when there is no file, or no cache, to keep. The error is a sentence.
[[nodiscard]] std::expected<Fd, std::string> open_cache_file(const config::Config& config,
                                                             std::uint32_t frontends);

}  // namespace dotkeep::supervisor
