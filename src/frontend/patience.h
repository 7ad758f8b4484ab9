// When clients that could be given stale data have waited long enough (RFC 8767 section 5): tickets
// in the order of their times, in a ring of fixed size.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "ipc/messages.h"

namespace dotkeep::frontend {

class Patience {
 public:
  explicit Patience(std::size_t capacity) : ring_(capacity) {}

  // `ends` must not go backwards. False: full; nobody is let down by that but the impatient.
  bool add(ipc::Ticket ticket, Time ends) {
    if (count_ == ring_.size()) return false;
    ring_[(first_ + count_++) % ring_.size()] = {ticket, ends};
    return true;
  }
  // When the first one's ends.
  [[nodiscard]] std::optional<Time> next() const {
    if (count_ == 0) return std::nullopt;
    return ring_[first_].ends;
  }
  // The first, if its has ended by `now`.
  [[nodiscard]] std::optional<ipc::Ticket> take(Time now) {
    if (count_ == 0 || ring_[first_].ends > now) return std::nullopt;
    const ipc::Ticket ticket = ring_[first_].ticket;
    first_ = (first_ + 1) % ring_.size();
    --count_;
    return ticket;
  }

 private:
  struct Entry {
    ipc::Ticket ticket = 0;
    Time ends{};
  };
  std::vector<Entry> ring_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace dotkeep::frontend
