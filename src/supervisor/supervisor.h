// After bootstrap: watch the workers, start anew what died, pass on the operator's signals. Nothing
// that a stranger or a worker says reaches this process: it reads signals and the operator's own
// files.
#pragma once

#include <functional>
#include <string>

#include "base/fd.h"
#include "base/time.h"
#include "config/config.h"
#include "sandbox/sandbox.h"
#include "supervisor/family.h"
#include "supervisor/notify.h"
#include "supervisor/obituary.h"
#include "supervisor/process_table.h"

namespace dotkeep::supervisor {

class Supervisor {
 public:
  // `signals`: a signalfd for kSignals. `reload`: reads the operator's files anew and hands them to
  // the family; says itself what was wrong.
  Supervisor(Family& family, Notifier notifier, KernelLog kernel_log, Fd signals,
             ProcessTable& table, std::function<void()> reload);

  // Serves until it is told to end or cannot begin; the exit status.
  int run(const sandbox::Sealed& sealed);

 private:
  void on_signals(Time now);
  void reap(Time now);
  // Ends the one that, by `worker`'s exit status, broke the contract of their wall. False: it names
  // none that runs.
  bool end_other(const Worker& worker, int status);
  void on_death(Worker& worker, const siginfo_t& info, Time now);
  void on_seals(Time now);
  // Ends a worker that has not looked at its orders for kHangTime: an endless loop, or stopped.
  void look_for_life(Time now);
  void start_due(Time now);
  void reload();
  void stop(Time now);
  void stop_further(Time now);
  [[nodiscard]] Time next_event(Time now) const;
  void wait(Time now);

  Family* family_;
  Notifier notifier_;
  KernelLog kernel_log_;
  Fd signals_;
  ProcessTable* table_;
  std::function<void()> reload_;
  bool was_ready_ = false;
  bool stopping_ = false;
  Time stop_deadline_ = Time::max();
  Time next_watchdog_ = Time::max();
  Time next_look_ = Time::max();  // from ready on
  int status_ = 0;
  bool ended_ = false;
};

}  // namespace dotkeep::supervisor
