// The event loop of every worker. It runs only with proof that the process is sealed.
//
// A turn: one epoll_wait, then what is ready (boundedly), then the timers that are due, then the
// end-of-turn hooks, which send what the turn has gathered: one record per wall, one TLS record per
// query, one sendmmsg per listener. A turn that reads one socket and writes another makes three
// system calls; why it is not a library's loop: docs/decisions/loop.md.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/time.h"
#include "sandbox/sandbox.h"

namespace dotkeep::ipc {

class Timer;
class Watch;

class Loop {
 public:
  // What is told of by one epoll_wait, and so done in one turn: with more of them the first would
  // wait too long for the turn's end. Others come with the next turn, in their order.
  static constexpr std::size_t kMaxEvents = 64;

  // Opens its descriptor: before the seal, after sandbox::keep_only. Ends the process when there is
  // none: nothing works then.
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // The time of this turn: the clock is asked once a turn.
  [[nodiscard]] Time now();

  // `hook` runs at the end of every turn, in the order of registration. Before the seal only.
  void at_end_of_turn(std::function<void()> hook) { hooks_.push_back(std::move(hook)); }

  void run(const sandbox::Sealed& sealed);
  void stop() { stopped_ = true; }

  // One turn that waits for nothing: for tests, which need no seal.
  void turn_at_once() { turn(0); }

 private:
  friend class Timer;
  friend class Watch;

  void turn(int timeout_ms);
  [[nodiscard]] int until_next_timer();
  // A watch goes: what was told of it in this turn is for nobody.
  void forget(const Watch& watch);

  Fd epoll_;
  std::array<epoll_event, kMaxEvents>
      events_{};  // [next_, count_) are still to be done in this turn
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  const Watch* served_ = nullptr;  // whose handlers run; null once it is dropped
  std::vector<Timer*> timers_;     // two or three
  std::vector<std::function<void()>> hooks_;
  Time now_{};
  bool now_is_fresh_ = false;
  bool stopped_ = false;
};

// Readiness of one descriptor, which it owns: calls back, once for each wait, when it can be read
// or written, or when its peer is gone. The caller does its own reading and writing, without
// blocking. Nothing can be missed: what was there before the wait is told of too. Dropping it
// cancels, also from within a handler, its own too.
//
// Waits within a handler, turn by turn, cost no system call; the first wait and those after a pause
// cost one.
class Watch {
 public:
  using Handler = std::function<void()>;  // up to 16 octets of captures cost no allocation

  Watch(Loop& loop, Fd fd) : loop_(&loop), fd_(std::move(fd)) {}
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  [[nodiscard]] int fd() const { return fd_.get(); }

  void when_readable(Handler handler);
  void when_writable(Handler handler);

 private:
  friend class Loop;

  void ready(std::uint32_t events);
  void tell_kernel(std::uint32_t interest);

  Loop* loop_;
  Fd fd_;
  Handler on_readable_;  // empty: nobody waits
  Handler on_writable_;
  std::uint32_t interest_ = 0;  // what the kernel tells of; 0: it does not know the descriptor
};

// Calls back at a time, up to a millisecond later; arming again replaces the time.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> callback);  // before the seal only
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Later than the time already set: nothing happens (the callback finds out that it came early).
  // From within a callback a time that has passed means the next turn.
  void arm(Time at) { at_ = at < at_ ? at : at_; }

 private:
  friend class Loop;

  Loop* loop_;
  std::function<void()> callback_;
  Time at_ = Time::max();
};

}  // namespace dotkeep::ipc
