// The queries that this room owes an answer: a fixed number of slots, and lists through them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/time.h"
#include "base/upstream_fault.h"
#include "ipc/messages.h"

namespace dotkeep::upstream {

// A query's number is its slot.
using QueryNumber = std::uint32_t;
inline constexpr QueryNumber kNoQuery = 0xffffffff;
inline constexpr std::uint8_t kNoServer = ipc::Failure::kNoUpstream;

struct Query {
  enum class Where : std::uint8_t {
    free,
    placing,  // in no list
    held,     // its numbers are of a configuration that we do not have yet
    waiting,  // for a connection to `server`
    unsent,   // has an id on `link`, leaves at the end of this turn
    sent,     // left on `link`
  };

  Time deadline;
  Time sent;
  std::uint64_t allowed = 0;  // upstreams that may be asked, bit i: number i
  std::uint64_t failed = 0;   // of these, which failed since it arrived
  std::uint32_t table = 0;    // what its numbers were of when it came
  ipc::Ticket ticket = 0;
  QueryNumber next = kNoQuery, previous = kNoQuery;  // in its list
  QueryNumber later = kNoQuery, sooner = kNoQuery;   // among the deadlines
  std::uint16_t original_id = 0;                     // the asker's
  std::uint16_t id = 0;                              // ours, on `link`
  std::uint16_t padding_at = 0;
  std::uint16_t size = 0;
  std::uint16_t spoke = 0;  // of the wheel of deadlines
  std::uint8_t frontend = 0;
  std::uint8_t server = kNoServer;  // where it waits or was sent last
  std::uint8_t link = 0;
  std::uint8_t avoid = kNoServer;  // where it was not answered: only if there is no other
  std::uint8_t sends = 0;
  // It was sent to a second upstream and the first may still answer: where that is. The fields
  // above are of the second then.
  bool hedged = false;
  std::uint8_t other_link = 0;
  std::uint8_t other_server = kNoServer;
  std::uint16_t other_id = 0;
  Time other_sent;
  Where where = Where::free;
  UpstreamFault fault = UpstreamFault::no_upstream;  // the last one it met, and where
  std::uint8_t fault_server = kNoServer;
  std::array<std::uint8_t, ipc::kMaxQuery> octets{};

  [[nodiscard]] Octets message() const { return Octets(octets).first(size); }
};

// A list of queries, first in first out; a query is in one at most.
struct QueryList {
  QueryNumber first = kNoQuery, last = kNoQuery;
  [[nodiscard]] bool empty() const { return first == kNoQuery; }
};

class Queries {
 public:
  // Takes the memory for `capacity` queries (about 500 octets each).
  explicit Queries(std::uint32_t capacity);

  [[nodiscard]] Query& operator[](QueryNumber number) { return slots_[number]; }
  // kNoQuery when every slot is taken.
  [[nodiscard]] QueryNumber take();
  void release(QueryNumber number);
  [[nodiscard]] std::uint32_t taken() const { return taken_; }
  [[nodiscard]] std::uint32_t capacity() const { return capacity_; }

  void append(QueryList& list, QueryNumber number);
  void remove(QueryList& list, QueryNumber number);
  [[nodiscard]] QueryNumber take_first(QueryList& list);

 private:
  std::unique_ptr<Query[]> slots_;
  std::uint32_t capacity_;
  QueryNumber free_ = 0;  // through `next`
  std::uint32_t taken_ = 0;
};

}  // namespace dotkeep::upstream
