// What the supervisor tells of its processes, in the page that it alone writes
// (ipc/process_page.h).
#pragma once

#include <vector>

#include "base/time.h"
#include "config/config.h"
#include "ipc/process_page.h"
#include "supervisor/family.h"

namespace dotkeep::supervisor {

class ProcessTable {
 public:
  // Before the seal.
  ProcessTable(ipc::ProcessPage* page, Time now);

  // The configuration that is in force: what each process can come to use.
  void configure(const config::Config& config, std::uint32_t frontends);
  void count_reload() { ++reloads_; }
  // Cost: copies a row for each process; once a turn, and turns are rare.
  void publish(const std::vector<Worker>& workers);

 private:
  ipc::ProcessPage* page_;
  Time started_;
  std::uint64_t pid_;
  std::uint64_t reloads_ = 0;
  std::uint64_t cache_size_ = 0;
  struct Budgets {
    std::uint64_t supervisor = 0, frontend = 0, upstream = 0, connector = 0, control = 0;
  } budgets_;
};

}  // namespace dotkeep::supervisor
