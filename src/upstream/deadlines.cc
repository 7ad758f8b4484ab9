#include "upstream/deadlines.h"

#include <algorithm>

namespace dotkeep::upstream {

std::int64_t Deadlines::grain(Time time) {
  return (time.time_since_epoch() + kGrain - Duration{1}) / kGrain;
}

Deadlines::Deadlines(Queries& queries, Time now)
    : queries_(&queries), done_(now.time_since_epoch() / kGrain) {
  spokes_.fill(kNoQuery);
}

void Deadlines::add(QueryNumber number) {
  Query& query = (*queries_)[number];
  // A deadline behind the hand would wait for a whole turn of the wheel.
  const auto at = static_cast<std::uint64_t>(std::max(grain(query.deadline), done_));
  query.spoke = static_cast<std::uint16_t>(at % kSpokes);
  QueryNumber& head = spokes_[query.spoke];
  query.sooner = kNoQuery;
  query.later = head;
  if (head != kNoQuery) (*queries_)[head].sooner = number;
  head = number;
}

void Deadlines::remove(QueryNumber number) {
  const Query& query = (*queries_)[number];
  if (query.later != kNoQuery) (*queries_)[query.later].sooner = query.sooner;
  (query.sooner == kNoQuery ? spokes_[query.spoke] : (*queries_)[query.sooner].later) = query.later;
}

QueryNumber Deadlines::take_expired(Time now) {
  const std::int64_t until = now.time_since_epoch() / kGrain;
  // After a pause longer than a turn of the wheel one turn finds everything.
  done_ = std::max(done_, until - static_cast<std::int64_t>(kSpokes));
  for (; done_ <= until; ++done_) {
    const QueryNumber number = spokes_[static_cast<std::size_t>(done_) % kSpokes];
    if (number == kNoQuery) continue;
    remove(number);
    return number;
  }
  return kNoQuery;
}

}  // namespace dotkeep::upstream
