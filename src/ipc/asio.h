// Asio as the workers use it: one thread, no exceptions. Include this, never asio's headers.
#pragma once

#include <cstdlib>
#include <exception>

#include "base/log.h"

namespace asio::detail {

// What Asio would throw is a descriptor that cannot be made at start: nothing works then.
template <typename Exception>
[[noreturn]] void throw_exception(const Exception& exception) {
  const std::exception& what = exception;
  dotkeep::log::error("event loop failed", {{"error", what.what()}});
  std::abort();
}

}  // namespace asio::detail

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
