#include "upstream/queries.h"

namespace dotkeep::upstream {

Queries::Queries(std::uint32_t capacity)
    : slots_(std::make_unique<Query[]>(capacity)), capacity_(capacity) {
  for (QueryNumber i = 0; i + 1 < capacity; ++i) slots_[i].next = i + 1;
}

QueryNumber Queries::take() {
  if (taken_ == capacity_) return kNoQuery;
  const QueryNumber number = free_;
  Query& query = slots_[number];
  free_ = query.next;
  ++taken_;
  query.next = kNoQuery;
  query.failed = 0;
  query.server = kNoServer;
  query.avoid = kNoServer;
  query.fault_server = kNoServer;
  query.fault = UpstreamFault::no_upstream;
  query.sends = 0;
  query.where = Query::Where::placing;
  return number;
}

void Queries::release(QueryNumber number) {
  slots_[number].where = Query::Where::free;
  slots_[number].next = free_;
  free_ = number;
  --taken_;
}

void Queries::append(QueryList& list, QueryNumber number) {
  Query& query = slots_[number];
  query.next = kNoQuery;
  query.previous = list.last;
  if (list.empty()) {
    list.first = number;
  } else {
    slots_[list.last].next = number;
  }
  list.last = number;
}

void Queries::remove(QueryList& list, QueryNumber number) {
  const Query& query = slots_[number];
  if (query.previous == kNoQuery) {
    list.first = query.next;
  } else {
    slots_[query.previous].next = query.next;
  }
  if (query.next == kNoQuery) {
    list.last = query.previous;
  } else {
    slots_[query.next].previous = query.previous;
  }
}

QueryNumber Queries::take_first(QueryList& list) {
  const QueryNumber number = list.first;
  if (number != kNoQuery) remove(list, number);
  return number;
}

}  // namespace dotkeep::upstream
