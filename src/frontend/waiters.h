// Clients that wait for an answer: a pool of fixed size. Those who asked the same stand in one
// line.
#pragma once

#include <cstdint>
#include <vector>

#include "dns/query.h"
#include "frontend/client.h"

namespace dotkeep::frontend {

struct Waiter {
  dns::Query query;
  Client client;
  bool doubtful = false;  // it may be a forgery
  std::uint32_t next = 0;
};

class Waiters {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Line {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
    std::uint32_t count = 0;
    std::uint32_t doubtful = 0;  // of them
    [[nodiscard]] bool empty() const { return first == kNone; }
  };

  explicit Waiters(std::size_t capacity);

  [[nodiscard]] bool full() const { return free_ == kNone; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return slots_.size(); }
  // Of those who wait, who may be a forgery.
  [[nodiscard]] std::size_t doubtful() const { return doubtful_; }
  // A new one at the end of a line; not when full(). O(1).
  void join(Line& line, const dns::Query& query, const Client& client, bool doubtful = false);
  [[nodiscard]] Waiter& first(const Line& line) { return slots_[line.first]; }
  // The first of a line is done with. O(1).
  void leave(Line& line);
  // The first of a line goes to the end of another, which may be the same. O(1).
  void move_first(Line& from, Line& to);

 private:
  void append(Line& line, std::uint32_t id);
  std::uint32_t take_first(Line& line);

  std::vector<Waiter> slots_;
  std::uint32_t free_ = kNone;
  std::size_t size_ = 0;
  std::size_t doubtful_ = 0;
};

}  // namespace dotkeep::frontend
