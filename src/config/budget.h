// The most memory that each process can come to use, as `dotkeep check` shows it. Nothing grows
// beyond what the configuration allows, so this is arithmetic and no estimate; what one item costs
// is known only to the rooms and comes in as a parameter.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace dotkeep::config {

// Octets that one item costs at most.
struct Costs {
  struct {
    std::uint64_t fixed = 0;       // program, stacks, packet buffers
    std::uint64_t pending = 0;     // one unanswered query
    std::uint64_t tcp_client = 0;  // one connection with its buffers
    std::uint64_t listener = 0;
    std::uint64_t route = 0;
    bool cache = false;  // whether cache.size is reserved
  } frontend;
  struct {
    std::uint64_t fixed = 0;
    std::uint64_t server = 0;   // one upstream with all its connections
    std::uint64_t pending = 0;  // one query in flight
    std::uint64_t anchors = 0;  // what the CA file becomes; only when an upstream has a name
  } upstream;
  struct {
    std::uint64_t fixed = 0;
    std::uint64_t server = 0;
  } connector;
  struct {
    std::uint64_t fixed = 0;
    std::uint64_t frontend = 0;  // what it copies and renders of one
    std::uint64_t server = 0;
  } control;
  struct {
    std::uint64_t fixed = 0;
  } supervisor;
};

struct Part {
  std::string_view name;  // "unanswered queries"
  std::uint64_t count = 0;
  std::uint64_t each = 0;
  [[nodiscard]] std::uint64_t octets() const;  // stays at the maximum instead of wrapping
};

struct Budget {
  std::string_view process;  // "frontend"
  std::uint64_t copies = 1;  // of the process
  std::vector<Part> parts;
  [[nodiscard]] std::uint64_t octets() const;  // of one copy
};

// `frontends`: how many there are, now that dotkeep has chosen. Limits are divided among them,
// rounded up.
[[nodiscard]] std::vector<Budget> budget(const Config& config, const Costs& costs,
                                         std::uint32_t frontends);

// Of all copies of all processes.
[[nodiscard]] std::uint64_t total(const std::vector<Budget>& budgets);

}  // namespace dotkeep::config
