// The tickets of one upstream, so that a reconnection costs less. They belong to one identity: the
// table drops them with it.
#pragma once

#include <array>
#include <utility>

#include "tls/ticket.h"
#include "upstream/limits.h"

namespace dotkeep::upstream {

class Tickets {
 public:
  // The newest are kept.
  void put(tls::Ticket ticket) {
    next_ = (next_ + 1) % tickets_.size();
    tickets_[next_] = std::move(ticket);
  }
  // The newest, out of here: a ticket is used once (RFC 8446 appendix C.4). Empty if there is none.
  [[nodiscard]] tls::Ticket take() {
    for (std::size_t i = 0; i < tickets_.size(); ++i) {
      tls::Ticket& ticket = tickets_[(next_ + tickets_.size() - i) % tickets_.size()];
      if (ticket) return std::exchange(ticket, {});
    }
    return {};
  }
  void clear() { tickets_ = {}; }

 private:
  std::array<tls::Ticket, kMaxConnections> tickets_;
  std::size_t next_ = 0;
};

}  // namespace dotkeep::upstream
