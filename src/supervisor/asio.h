// Asio as the command uses it: one thread, no exceptions. Include this, never asio's headers.
#pragma once

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <cstdlib>
#include <exception>

#include "base/log.h"

namespace asio::detail {

// What Asio would throw is a descriptor that cannot be made: nothing works then.
template <typename Exception>
void throw_exception(const Exception& exception) {
  const std::exception& what = exception;
  dotkeep::log::error("event loop failed", {{"error", what.what()}});
  std::abort();
}

}  // namespace asio::detail
