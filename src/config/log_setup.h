// [log] as base/log.h takes it.
#pragma once

#include <string_view>

#include "base/log.h"
#include "config/config.h"

namespace dotkeep::config {

// `process` must outlive the program.
inline void set_up_log(std::string_view process, const Config& config) {
  log::set_up(process, static_cast<log::Level>(config.log.level),
              static_cast<log::Format>(config.log.format));
}
static_assert(static_cast<int>(LogLevel::debug) == static_cast<int>(log::Level::debug));
static_assert(static_cast<int>(LogFormat::json) == static_cast<int>(log::Format::json));

}  // namespace dotkeep::config
