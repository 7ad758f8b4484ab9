#include "supervisor/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/log.h"
#include "ipc/exit_status.h"

namespace dotkeep::supervisor {
namespace {

// SIGTERM promises an end within 2 s: what still runs then is killed.
constexpr Duration kStopTime = std::chrono::milliseconds(1900);
// A pipe's end tells that a worker is sealed or dead; a dead one is reaped within this.
constexpr Duration kSettleTime = std::chrono::milliseconds(10);
// A turn of a worker takes a millisecond. What takes ten seconds does not end by itself, whatever
// else the machine has to do.
constexpr Duration kHangTime = std::chrono::seconds(10);
constexpr Duration kLookTime = std::chrono::seconds(2);

}  // namespace

Supervisor::Supervisor(Family& family, Notifier notifier, KernelLog kernel_log, Fd signals,
                       ProcessTable& table, std::function<void()> reload)
    : family_(&family),
      notifier_(std::move(notifier)),
      kernel_log_(std::move(kernel_log)),
      signals_(std::move(signals)),
      table_(&table),
      reload_(std::move(reload)) {}

int Supervisor::run(const sandbox::Sealed& sealed) {
  static_cast<void>(sealed);  // the proof is in having it
  if (const auto interval = notifier_.watchdog_interval())
    next_watchdog_ = monotonic_now() + *interval;
  while (!ended_) {
    const Time now = monotonic_now();
    start_due(now);
    table_->publish(family_->workers());
    wait(now);
    const Time then = monotonic_now();
    on_signals(then);
    reap(then);
    on_seals(then);
    if (stopping_) stop_further(then);
    if (then >= next_look_) look_for_life(then);
    if (then >= next_watchdog_) {
      notifier_.tell("WATCHDOG=1");
      next_watchdog_ = then + *notifier_.watchdog_interval();
    }
  }
  log::info("ended", {{"status", status_}});
  return status_;
}

void Supervisor::wait(Time now) {
  std::vector<pollfd> fds = {{signals_.get(), POLLIN, 0}};
  for (const Worker& worker : family_->workers()) {
    // POLLHUP is told unasked; a worker that is sealed has no pipe any more.
    if (worker.unsealed) fds.push_back({worker.unsealed.get(), 0, 0});
  }
  const Time until = next_event(now);
  int timeout = -1;
  if (until != Time::max()) {
    const auto wait =
        std::chrono::ceil<std::chrono::milliseconds>(std::max(until - now, Duration::zero()));
    timeout = static_cast<int>(std::min<std::int64_t>(wait.count(), 60'000));
  }
  if (::poll(fds.data(), fds.size(), timeout) <= 0) return;
  for (std::size_t i = 1; i < fds.size(); ++i) {
    if ((fds[i].revents & POLLHUP) == 0) continue;
    for (Worker& worker : family_->workers()) {
      if (worker.unsealed.get() != fds[i].fd) continue;
      worker.unsealed.reset();
      worker.sealed_at = monotonic_now() + kSettleTime;
    }
  }
}

Time Supervisor::next_event(Time now) const {
  Time next = std::min({next_watchdog_, stop_deadline_, next_look_});
  for (const Worker& worker : family_->workers()) {
    if (worker.pid == 0 && !stopping_) next = std::min(next, std::max(worker.restart_at, now));
    if (worker.pid != 0 && !worker.sealed) next = std::min(next, worker.sealed_at);
  }
  return next;
}

void Supervisor::start_due(Time now) {
  if (stopping_) return;
  for (Worker& worker : family_->workers()) {
    if (worker.pid != 0 || worker.restart_at > now) continue;
    if (!family_->start(worker, now))
      worker.restart_at = now + worker.backoff.after_death(Duration::zero()) + kSettleTime;
  }
}

// --- what happens to workers

void Supervisor::on_seals(Time now) {
  for (Worker& worker : family_->workers()) {
    if (worker.pid != 0 && now >= worker.sealed_at) worker.sealed = true;
  }
  if (was_ready_ || !family_->all_sealed()) return;
  was_ready_ = true;
  next_look_ = now + kLookTime;
  log::info("ready");
  notifier_.tell("READY=1");
}

void Supervisor::look_for_life(Time now) {
  next_look_ = stopping_ ? Time::max() : now + kLookTime;
  for (Worker& worker : family_->workers()) {
    if (worker.pid == 0 || !worker.sealed || stopping_) continue;
    const auto since = family_->ping(worker, now);
    if (!since || now - *since < kHangTime) continue;
    log::error(
        "a worker hangs and is ended",
        {{"worker", worker.name},
         {"pid", worker.pid},
         {"seconds", std::chrono::duration_cast<std::chrono::seconds>(now - *since).count()}});
    ::kill(worker.pid, SIGKILL);
  }
}

void Supervisor::reap(Time now) {
  while (true) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0) return;
    const pid_t pid = info.si_pid;
    // As process 1 of a container we also bury the orphans of others.
    if (Worker* worker = family_->buried(pid)) on_death(*worker, info, now);
  }
}

void Supervisor::on_death(Worker& worker, const siginfo_t& info, Time now) {
  const bool by_itself = info.si_code == CLD_EXITED && info.si_status == 0;
  if (stopping_ && by_itself) return;
  const std::string cause = cause_of_death(info, kernel_log_);
  const bool in_vain =
      info.si_status == sandbox::kExitOutOfMemory || info.si_status == 77 || info.si_status == 78;
  if (!was_ready_ && info.si_code == CLD_EXITED && in_vain) {
    // It has said why; the next one would say the same.
    log::error("cannot start", {{"worker", worker.name}, {"cause", cause}});
    status_ = info.si_status;
    stop(now);
    return;
  }
  // One that ends without being told to may do so again at once, whatever status it gives.
  const bool expected = by_itself && worker.told_to_end;
  // Who ended because of another is not made to wait for it: the other is.
  const bool by_another = info.si_code == CLD_EXITED && end_other(worker, info.si_status);
  const Duration wait =
      expected || by_another ? Duration::zero() : worker.backoff.after_death(now - worker.started);
  worker.restart_at = now + wait;
  ++worker.restarts;
  if (!expected) worker.death = cause;
  log::write(
      expected ? log::Level::info : log::Level::error,
      expected ? "a worker ended" : "a worker died",
      {{"worker", worker.name},
       {"pid", info.si_pid},
       {"cause", cause},
       {"restart_in_ms", std::chrono::duration_cast<std::chrono::milliseconds>(wait).count()}});
  if (worker.backoff.quick_deaths() >= Backoff::kTold) {
    log::error("a worker keeps dying and is started again ever more slowly",
               {{"worker", worker.name}, {"deaths", worker.backoff.quick_deaths()}});
  }
}

// Whoever breaks the contract of a wall is not what was started. A lie about it costs the liar: who
// says so of one that does not run waits like anybody who dies.
bool Supervisor::end_other(const Worker& worker, int status) {
  const auto wall = ipc::breached_wall(status);
  const Worker* other = wall ? family_->across(worker, *wall) : nullptr;
  if (other == nullptr || other->pid == 0) return false;
  log::error("a worker is replaced, because it broke the contract of a wall",
             {{"worker", other->name}, {"pid", other->pid}});
  return ::kill(other->pid, SIGKILL) == 0;
}

// --- what the operator says

void Supervisor::on_signals(Time now) {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    switch (info.ssi_signo) {
      case SIGCHLD:  // reap() comes after
        break;
      case SIGTERM:
      case SIGINT:
      case SIGQUIT:
        stop(now);
        break;
      case SIGHUP:
        if (!stopping_) reload();
        break;
      default:
        log::warning("a signal that means nothing here",
                     {{"signal", name_of_signal(static_cast<int>(info.ssi_signo))},
                      {"by_pid", info.ssi_pid},
                      {"by_uid", info.ssi_uid}});
        break;
    }
  }
}

void Supervisor::reload() {
  const auto since_boot =
      std::chrono::duration_cast<std::chrono::microseconds>(monotonic_now().time_since_epoch());
  notifier_.tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(since_boot.count()));
  reload_();
  notifier_.tell("READY=1");
}

// Frontends first: they need the upstream room to answer what is in flight.
void Supervisor::stop(Time now) {
  if (stopping_) return;
  stopping_ = true;
  stop_deadline_ = now + kStopTime;
  log::info("stopping");
  notifier_.tell("STOPPING=1");
  family_->drain(Room::frontend);
}

void Supervisor::stop_further(Time now) {
  if (!family_->any_running(Room::frontend)) family_->drain(Room::upstream);
  if (!family_->any_running(Room::upstream)) {
    family_->drain(Room::connector);
    family_->drain(Room::control);
  }
  if (now >= stop_deadline_) {
    for (const Worker& worker : family_->workers()) {
      if (worker.pid == 0) continue;
      log::warning("a worker did not end in time", {{"worker", worker.name}});
      ::kill(worker.pid, SIGKILL);
    }
    stop_deadline_ = now + kSettleTime;
  }
  ended_ = !family_->any_running();
}

}  // namespace dotkeep::supervisor
