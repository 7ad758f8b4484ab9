// What became of messages and connections at each listener, who was refused most, and a line about
// it in the log, once a minute at most. Beside Counters, which are the same over all listeners.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "admission/reason.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "dns/query.h"
#include "frontend/admission_settings.h"
#include "frontend/refused_sketch.h"
#include "ipc/counter_page.h"

namespace dotkeep::frontend {

// The least time between two lines about refusals.
inline constexpr Duration kSummaryEvery = std::chrono::minutes(1);

class Ledger {
 public:
  // Writes names and listeners into the page, whatever a former frontend left there; its numbers
  // go on. Before the seal.
  Ledger(ipc::CounterPage& page, const std::vector<Listening>& listeners);

  // A query that went on to the cache. `listener`: its number among all. Cost: one increment.
  void passed(std::size_t listener) { ++values(listener)[0]; }
  // Refused. Cost: a walk over the sketch.
  void refused(std::size_t listener, admission::Reason reason, const IpAddress& client);
  // Answered here, which is no refusal of anybody.
  void answered_here(std::size_t listener, admission::Reason reason);
  // No query that can be answered.
  void rejected(std::size_t listener, dns::RejectionKind kind);

  // What is to be said about refusals now, if it is anything and time for it.
  struct Summary {
    std::uint64_t refused = 0;
    admission::Reason most{};     // the most frequent reason
    std::uint64_t of_most = 0;    // how often
    ipc::RefusedPrefix prefix{};  // the one that was refused most; family 0: not known
    std::uint64_t seconds = 0;    // since the line before; 0: it is the first
  };
  [[nodiscard]] bool take_summary(Time now, Summary& summary);

 private:
  static constexpr std::size_t kFirstReason = 1;
  static constexpr std::size_t kFirstRejection = kFirstReason + admission::kReasons;
  static constexpr std::size_t kVerdicts = kFirstRejection + dns::kRejectionKinds;
  static_assert(kVerdicts <= ipc::kMaxVerdicts);

  [[nodiscard]] std::array<std::uint64_t, ipc::kMaxVerdicts>& values(std::size_t listener) {
    return page_->listeners[std::min(listener, ipc::kCountedListeners - 1)].values;
  }

  ipc::CounterPage* page_;
  RefusedSketch sketch_;
  std::array<std::uint64_t, admission::kReasons> since_{};  // the last line, by reason
  std::array<ipc::RefusedPrefix, ipc::kRefusedPrefixes> before_{};
  Time last_line_ = Time::min();
};

// The line itself. Addresses as `dotkeep status` shows them: a /16 or a /32, no more.
void log_summary(const Ledger::Summary& summary);

}  // namespace dotkeep::frontend
