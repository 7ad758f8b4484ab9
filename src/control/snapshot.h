// All pages at one moment, parsed: what status and metrics are rendered from.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "control/pages.h"

namespace dotkeep::control {

// What this room counts itself.
struct Tally {
  std::uint64_t scrapes = 0;         // answered with metrics
  std::uint64_t other_requests = 0;  // answered with something else that is no error
  std::uint64_t bad_requests = 0;    // answered with an error
  std::uint64_t commands = 0;        // lines of operators
  std::uint64_t bad_commands = 0;
  std::uint64_t overdue = 0;  // connections closed because their time was over
  std::uint64_t evicted = 0;  // ... because new ones came
  std::uint64_t bad_pages =
      0;  // pages that break their form: whoever writes them has a bug, or worse
};

// The mapped pages; null where there is none.
struct Pages {
  const ipc::ProcessPage* processes = nullptr;
  const ipc::UpstreamPage* servers = nullptr;
  std::vector<const ipc::CounterPage*> frontends;
  // Of the configuration, which an answer's memory is made for: rows beyond are not shown. There
  // are such for a moment at a reload, and of an upstream room that was taken.
  std::size_t most_servers = ipc::kMaxServers;
};

struct Snapshot {
  Time now{};
  std::uint64_t date = 0;  // seconds since the epoch
  std::string_view release;
  std::uint64_t reloads = 0;
  std::uint64_t cache_size = 0;
  std::vector<const ipc::ProcessRow*> processes;
  std::vector<Server> servers;
  std::vector<Counts> frontends;  // of each; empty where its page cannot be read
  Tally tally;

  // Sum of a counter over the frontends; every kind of `what` without one.
  [[nodiscard]] std::uint64_t sum(std::string_view what, std::string_view kind = {}) const;
};

class Observer {
 public:
  // Takes the memory for copies of all pages.
  explicit Observer(const Pages& pages);

  // Cost: copies every page, 45 KiB each; good until the next look.
  const Snapshot& look(Time now, Tally& tally);

  [[nodiscard]] static std::size_t memory(std::size_t frontends);

 private:
  Pages pages_;
  std::unique_ptr<ipc::ProcessPage> processes_;
  std::unique_ptr<ipc::UpstreamPage> servers_;
  std::vector<std::unique_ptr<ipc::CounterPage>> frontends_;
  Snapshot snapshot_;
};

}  // namespace dotkeep::control
