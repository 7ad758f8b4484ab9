#include "ipc/loop.h"

namespace dotkeep::ipc {
namespace {

// More than this in one turn and the first of them would wait too long for the turn's end.
constexpr int kMaxHandlersPerTurn = 64;

}  // namespace

Time Loop::now() {
  if (!now_is_fresh_) {
    now_ = monotonic_now();
    now_is_fresh_ = true;
  }
  return now_;
}

void Loop::run(const sandbox::Sealed& /*proof*/) {
  const auto keep_running = asio::make_work_guard(io_);
  while (!stopped_) {
    now_is_fresh_ = false;
    io_.run_one();
    for (int i = 1; i < kMaxHandlersPerTurn && io_.poll_one() != 0; ++i) {
    }
    for (const auto& hook : hooks_) hook();
  }
}

void Timer::arm(Time at) {
  if (at >= at_) return;
  at_ = at;
  timer_.expires_at(at);
  timer_.async_wait([this](const asio::error_code& error) {
    if (error) return;
    at_ = Time::max();
    // By the time that the turn began with it might have come early, and be armed for that very
    // time again and again until the turn is over.
    loop_->time_went_on();
    callback_();
  });
}

}  // namespace dotkeep::ipc
