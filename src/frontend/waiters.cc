#include "frontend/waiters.h"

#include <algorithm>

namespace dotkeep::frontend {

Waiters::Waiters(std::size_t capacity) : slots_(std::max<std::size_t>(capacity, 1)) {
  for (std::size_t i = slots_.size(); i-- > 0;) {
    slots_[i].next = free_;
    free_ = static_cast<std::uint32_t>(i);
  }
}

void Waiters::join(Line& line, const dns::Query& query, const Client& client, bool doubtful) {
  const std::uint32_t id = free_;
  Waiter& waiter = slots_[id];
  free_ = waiter.next;
  waiter.query = query;
  waiter.client = client;
  waiter.doubtful = doubtful;
  ++size_;
  if (doubtful) ++doubtful_;
  append(line, id);
}

void Waiters::leave(Line& line) {
  const std::uint32_t id = take_first(line);
  slots_[id].next = free_;
  free_ = id;
  --size_;
  if (slots_[id].doubtful) --doubtful_;
}

void Waiters::move_first(Line& from, Line& to) {
  append(to, take_first(from));
}

void Waiters::append(Line& line, std::uint32_t id) {
  slots_[id].next = kNone;
  (line.last != kNone ? slots_[line.last].next : line.first) = id;
  line.last = id;
  ++line.count;
  if (slots_[id].doubtful) ++line.doubtful;
}

std::uint32_t Waiters::take_first(Line& line) {
  const std::uint32_t id = line.first;
  line.first = slots_[id].next;
  if (line.first == kNone) line.last = kNone;
  --line.count;
  if (slots_[id].doubtful) --line.doubtful;
  return id;
}

}  // namespace dotkeep::frontend
