// How many of something each client has now: queries pending, connections open. A client is all
// addresses of a prefix, as it is for rates: who has a /56 is one. A table of fixed size, sized for
// as many clients as there can be of what it counts, keyed by a secret.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ip_address.h"
#include "base/siphash.h"

namespace dotkeep::frontend {

// Leading bits of an address that make a client (limits.prefix4, limits.prefix6).
struct ClientPrefixes {
  std::uint8_t v4 = 32;
  std::uint8_t v6 = 128;
  [[nodiscard]] IpAddress of(const IpAddress& ip) const {
    return ip.prefix(ip.family == 4 ? v4 : v6);
  }
};

class ClientCounts {
 public:
  // At most `capacity` clients at a time have a count over 0. The prefixes stay as they are: what
  // was counted must be found again.
  ClientCounts(std::size_t capacity, ClientPrefixes prefixes);

  // Counts one more unless the client has `limit` already. Cost: O(1) expected.
  [[nodiscard]] bool add(const IpAddress& client, std::uint32_t limit);
  // Takes back one that was added.
  void remove(const IpAddress& client);
  // Ticks that a client who was held back may catch up on at once.
  static constexpr std::uint32_t kCaughtUp = 3;
  // Whether another answer may leave for the client in this `tick`: the `limit`th is the last until
  // the next one. Who was held back in its last tick gets the ticks that were left out as well,
  // kCaughtUp in all: else turns that take longer than a tick would bound what a client gets in a
  // second. Nobody who has no count is held back.
  [[nodiscard]] bool may_answer(const IpAddress& client, std::uint32_t tick, std::uint32_t limit);
  [[nodiscard]] std::uint32_t count(const IpAddress& client) const;

 private:
  struct Entry {
    IpAddress client;
    std::uint32_t count = 0;    // 0: free
    std::uint32_t tick = 0;     // of the last answer
    std::uint32_t answers = 0;  // in that tick
    std::uint32_t ticks = 1;    // that its answers are counted against
  };

  // Of prefixes: where an entry belongs, and where it is or the free one that it would get.
  [[nodiscard]] std::size_t home(const IpAddress& client) const;
  [[nodiscard]] std::size_t find(const IpAddress& client) const;

  ClientPrefixes prefixes_;
  SipKey key_{};
  std::vector<Entry> entries_;  // linear probing; a power of two, at most half full
};

}  // namespace dotkeep::frontend
