// Replies that no query waits for: counted, and told from those that a server may send twice.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace dotkeep::upstream {

// How many came, by what was wrong with them; over the life of the process.
struct Strays {
  std::uint64_t unknown_id = 0;      // of no query in flight
  std::uint64_t other_question = 0;  // of one in flight that asked something else
  std::uint64_t duplicate = 0;       // a second answer to a query just answered
};

// The ids answered last on one connection.
class JustAnswered {
 public:
  void note(std::uint16_t id) {
    ids_[next_] = id;
    next_ = (next_ + 1) % kKept;
    kept_ = std::min(kept_ + 1, kKept);
  }
  // Whether `id` is among them; each is forgiven once.
  [[nodiscard]] bool forgive(std::uint16_t id) {
    for (std::size_t i = 0; i < kept_; ++i) {
      if (ids_[i] != id) continue;
      ids_[i] = ids_[--kept_];
      next_ = kept_;
      return true;
    }
    return false;
  }
  void clear() { kept_ = next_ = 0; }

 private:
  // A duplicate follows its original closely: both were written by one server in one go.
  static constexpr std::size_t kKept = 64;
  std::array<std::uint16_t, kKept> ids_{};
  std::size_t kept_ = 0;
  std::size_t next_ = 0;
};

}  // namespace dotkeep::upstream
