// Questions on their way: a table of fixed size, in the order of their deadlines.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "cache/key.h"
#include "dns/reply.h"
#include "frontend/waiters.h"
#include "ipc/messages.h"

namespace dotkeep::frontend {

// Queries to upstreams for one question, retries included (DESIGN section 5).
inline constexpr std::uint8_t kMaxAsks = 3;
// An upstream room that has lived for this long is not one that somebody ends again and again: the
// last of a question's queries is not given to one that has not.
inline constexpr Duration kRoomProven = std::chrono::milliseconds(500);

// A question that was asked for whoever wants to know: one client, many, or none, when what is kept
// is refreshed.
struct PendingQuery {
  dns::Asked asked;
  Waiters::Line waiting;
  bool stale_is_near = false;  // Patience knows of it
  std::uint32_t era = 0;       // of the cache when it was asked: an older answer is not kept
  Time deadline{};
  Time since{};                 // when it was asked first
  std::uint64_t upstreams = 0;  // that may answer it (bit i: Config::upstreams[i])
  std::uint64_t tried = 0;      // that gave no usable answer
  std::uint8_t asks = 0;        // how often it went over the wall
  std::uint32_t table = 0;      // whose upstreams it was asked of last (ipc::Ask)
  bool orphaned = false;        // they are gone: to be asked again with the next configuration
  Time ask_at = Time::min();    // held until then: DataPath::hold()
};

[[nodiscard]] inline cache::Key key_of(const dns::Asked& asked) {
  return {asked.question, asked.dnssec_ok, asked.checking_disabled};
}

class PendingTable {
 public:
  // At most this many at a time: a ticket holds the slot in 16 bits.
  static constexpr std::size_t kMaxCapacity = 65536;

  explicit PendingTable(std::size_t capacity);

  // A free slot to fill in, or nothing when all are taken. Deadlines must not go backwards. O(1).
  [[nodiscard]] PendingQuery* open(ipc::Ticket& ticket, Time deadline);
  // The query of a ticket, or nothing when it was answered or timed out before. O(1).
  [[nodiscard]] PendingQuery* find(ipc::Ticket ticket);
  void close(ipc::Ticket ticket);

  // The pending query with the earliest deadline.
  [[nodiscard]] std::optional<ipc::Ticket> oldest() const;
  // The one after it, in the order of deadlines.
  [[nodiscard]] std::optional<ipc::Ticket> after(ipc::Ticket ticket) const;
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return slots_.size(); }
  [[nodiscard]] static std::uint32_t slot_of(ipc::Ticket ticket) { return ticket & 0xffff; }
  [[nodiscard]] ipc::Ticket ticket_of(std::uint32_t slot) const {
    return static_cast<ipc::Ticket>(slots_[slot].generation) << 16 | slot;
  }
  [[nodiscard]] PendingQuery& at(std::uint32_t slot) { return slots_[slot].pending; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Slot {
    PendingQuery pending;
    std::uint16_t generation = 0;
    bool used = false;
    std::uint32_t previous = kNone;  // by deadline
    std::uint32_t next = kNone;      // by deadline, or in the free list
  };
  std::vector<Slot> slots_;
  std::uint32_t free_ = kNone;
  std::uint32_t first_ = kNone;
  std::uint32_t last_ = kNone;
  std::size_t size_ = 0;
};

}  // namespace dotkeep::frontend
