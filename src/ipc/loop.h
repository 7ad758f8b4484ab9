// The event loop of every worker. It runs only with proof that the process is sealed.
//
// A turn: wait until something is ready, run what is ready (boundedly), then the end-of-turn hooks,
// which send what the turn has gathered: one record per wall, one TLS record per connection, one
// sendmmsg per listener.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/time.h"
#include "ipc/asio.h"
#include "sandbox/sandbox.h"

namespace dotkeep::ipc {

class Loop {
 public:
  [[nodiscard]] asio::io_context& io() { return io_; }

  // The time of this turn: the clock is asked once a turn.
  [[nodiscard]] Time now();
  // Something happened at a later time: the clock is asked once more in this turn.
  void time_went_on() { now_is_fresh_ = false; }

  // `hook` runs at the end of every turn, in the order of registration. Before the seal only.
  void at_end_of_turn(std::function<void()> hook) { hooks_.push_back(std::move(hook)); }

  void run(const sandbox::Sealed& sealed);
  void stop() { stopped_ = true; }

 private:
  asio::io_context io_{1};
  std::vector<std::function<void()>> hooks_;
  Time now_{};
  bool now_is_fresh_ = false;
  bool stopped_ = false;
};

// Readiness of one descriptor, which it owns: calls back, once for each wait, when it can be read
// or written. The caller does its own reading and writing, without blocking. Dropping it cancels.
class Watch {
 public:
  Watch(Loop& loop, Fd fd) : descriptor_(loop.io(), fd.release()) {}

  [[nodiscard]] int fd() { return descriptor_.native_handle(); }

  template <typename Handler>
  void when_readable(Handler handler) {
    descriptor_.async_wait(asio::posix::descriptor_base::wait_read, std::move(handler));
  }
  template <typename Handler>
  void when_writable(Handler handler) {
    descriptor_.async_wait(asio::posix::descriptor_base::wait_write, std::move(handler));
  }

 private:
  asio::posix::stream_descriptor descriptor_;
};

// Calls back at a time; arming again replaces the time.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> callback)
      : loop_(&loop), timer_(loop.io()), callback_(std::move(callback)) {}

  // Later than the time already set: nothing happens (the callback finds out that it came early).
  void arm(Time at);

 private:
  Loop* loop_;
  asio::steady_timer timer_;
  std::function<void()> callback_;
  Time at_ = Time::max();
};

}  // namespace dotkeep::ipc
