// Which queries ran out of time: a wheel of lists, so that setting, clearing and expiring cost the
// same however many are pending.
#pragma once

#include <array>

#include "base/time.h"
#include "upstream/queries.h"

namespace dotkeep::upstream {

class Deadlines {
 public:
  // A deadline is met at most this much late.
  static constexpr Duration kGrain = std::chrono::milliseconds(16);

  Deadlines(Queries& queries, Time now);

  // By the query's `deadline`, which is at most ipc::kMaxTimeoutMs away.
  void add(QueryNumber number);
  void remove(QueryNumber number);

  // Takes out one query whose deadline has passed; kNoQuery when there is none. Call until then.
  [[nodiscard]] QueryNumber take_expired(Time now);

 private:
  static constexpr std::size_t kSpokes = 4096;  // times the grain: over a minute
  static_assert(kSpokes * kGrain > std::chrono::milliseconds(ipc::kMaxTimeoutMs) + 2 * kGrain);

  // The number of the grain that begins at or after `time`.
  [[nodiscard]] static std::int64_t grain(Time time);

  Queries* queries_;
  std::array<QueryNumber, kSpokes> spokes_{};
  std::int64_t done_;  // every grain before this one has been expired
};

}  // namespace dotkeep::upstream
