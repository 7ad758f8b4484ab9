#include "ipc/loop.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "base/log.h"

namespace dotkeep::ipc {
namespace {

// Whatever is told of, who waits must look: the call that he makes then says what it is.
constexpr std::uint32_t kEither = EPOLLERR | EPOLLHUP;

[[noreturn]] void cannot_go_on(int error) {
  log::error("event loop failed", {{"error", std::strerror(error)}});
  std::abort();
}

}  // namespace

// --- Loop

Loop::Loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) cannot_go_on(errno);
}

Time Loop::now() {
  if (!now_is_fresh_) {
    now_ = monotonic_now();
    now_is_fresh_ = true;
  }
  return now_;
}

void Loop::run(const sandbox::Sealed& /*proof*/) {
  while (!stopped_) turn(until_next_timer());
}

void Loop::turn(int timeout_ms) {
  const int told = ::epoll_wait(epoll_.get(), events_.data(), kMaxEvents, timeout_ms);
  if (told < 0 && errno != EINTR) cannot_go_on(errno);
  now_is_fresh_ = false;
  count_ = told < 0 ? 0 : static_cast<std::size_t>(told);
  for (next_ = 0; next_ < count_;) {
    const epoll_event& event = events_[next_++];
    if (event.data.ptr != nullptr) static_cast<Watch*>(event.data.ptr)->ready(event.events);
  }
  for (Timer* timer : timers_) {
    if (timer->at_ == Time::max() || timer->at_ > now()) continue;
    timer->at_ = Time::max();
    timer->callback_();
  }
  for (const auto& hook : hooks_) hook();
}

// Milliseconds as epoll_wait takes them, rounded up: a timer that came early would come twice.
int Loop::until_next_timer() {
  Time next = Time::max();
  for (const Timer* timer : timers_) next = std::min(next, timer->at_);
  if (next == Time::max()) return -1;
  constexpr auto kLongest = std::chrono::milliseconds(std::chrono::hours(1));
  const Duration left = next - now();  // as of the turn's begin: up to a turn too long
  if (left <= Duration::zero()) return 0;
  if (left >= kLongest) return static_cast<int>(kLongest.count());
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

void Loop::forget(const Watch& watch) {
  if (served_ == &watch) served_ = nullptr;
  for (std::size_t i = next_; i < count_; ++i) {
    if (events_[i].data.ptr == &watch) events_[i].data.ptr = nullptr;
  }
}

// --- Watch

// Closing is not enough: the kernel goes on to tell of a socket that another process still holds,
// as who passed it may, and would name a watch that is gone.
Watch::~Watch() {
  if (interest_ != 0) tell_kernel(0);
  loop_->forget(*this);
}

void Watch::when_readable(Handler handler) {
  on_readable_ = std::move(handler);
  if ((interest_ & EPOLLIN) == 0) tell_kernel(interest_ | EPOLLIN);
}

void Watch::when_writable(Handler handler) {
  on_writable_ = std::move(handler);
  if ((interest_ & EPOLLOUT) == 0) tell_kernel(interest_ | EPOLLOUT);
}

void Watch::ready(std::uint32_t events) {
  const bool readable = (events & (EPOLLIN | kEither)) != 0 && on_readable_ != nullptr;
  const bool writable = (events & (EPOLLOUT | kEither)) != 0 && on_writable_ != nullptr;
  Loop& loop = *loop_;
  loop.served_ = this;
  // Taken out: a handler may wait anew.
  if (readable) std::exchange(on_readable_, nullptr)();
  if (loop.served_ == nullptr) return;
  if (writable) std::exchange(on_writable_, nullptr)();
  if (loop.served_ == nullptr) return;
  // The kernel tells again and again of what is ready. Reading is waited for nearly always, so it
  // stays until it is told of in vain; a socket can be written nearly always, so that goes at once.
  std::uint32_t interest = interest_;
  if (on_writable_ == nullptr) interest &= ~std::uint32_t{EPOLLOUT};
  if (on_readable_ == nullptr && !readable) interest &= ~std::uint32_t{EPOLLIN};
  if (interest != interest_) tell_kernel(interest);
}

// Without interest the kernel must not know the descriptor at all: it tells of a peer that is gone
// whatever one is interested in.
void Watch::tell_kernel(std::uint32_t interest) {
  epoll_event event{};
  event.events = interest;
  event.data.ptr = this;
  const int operation = interest_ == 0  ? EPOLL_CTL_ADD
                        : interest == 0 ? EPOLL_CTL_DEL
                                        : EPOLL_CTL_MOD;
  if (::epoll_ctl(loop_->epoll_.get(), operation, fd_.get(), &event) == 0) {
    interest_ = interest;
  } else if (errno != EPERM) {
    cannot_go_on(errno);  // no memory in the kernel: nothing would be heard of it any more
  }
  // EPERM: a file, say, in place of a connection. It is never ready, and whoever waits has a
  // deadline.
}

// --- Timer

Timer::Timer(Loop& loop, std::function<void()> callback)
    : loop_(&loop), callback_(std::move(callback)) {
  loop_->timers_.push_back(this);
}

Timer::~Timer() {
  std::erase(loop_->timers_, this);
}

}  // namespace dotkeep::ipc
