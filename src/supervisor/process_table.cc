#include "supervisor/process_table.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "config/budget.h"
#include "supervisor/costs.h"
#include "supervisor/version.h"

namespace dotkeep::supervisor {
namespace {

void put(std::span<char> field, std::string_view text) {
  const std::size_t size = std::min(text.size(), field.size() - 1);
  std::ranges::fill(field, '\0');
  std::memcpy(field.data(), text.data(), size);
}

std::uint64_t nanoseconds(Time time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

}  // namespace

ProcessTable::ProcessTable(ipc::ProcessPage* page, Time now)
    : page_(page), started_(now), pid_(static_cast<std::uint64_t>(::getpid())) {}

void ProcessTable::configure(const config::Config& config, std::uint32_t frontends) {
  cache_size_ = config.cache.size;
  const std::pair<std::string_view, std::uint64_t*> places[] = {
      {"supervisor", &budgets_.supervisor},
      {"frontend", &budgets_.frontend},
      {"upstream", &budgets_.upstream},
      {"connector", &budgets_.connector},
      {"control", &budgets_.control}};
  for (const config::Budget& budget : config::budget(config, kCosts, frontends)) {
    for (const auto& [process, octets] : places) {
      if (budget.process == process) *octets = budget.octets();
    }
  }
}

void ProcessTable::publish(const std::vector<Worker>& workers) {
  using State = ipc::ProcessState;
  page_->version.fetch_add(1, std::memory_order_acq_rel);
  std::atomic_thread_fence(std::memory_order_release);
  page_->magic = ipc::ProcessPage::kMagic;
  put(page_->release, DOTKEEP_VERSION);
  page_->reloads = reloads_;
  page_->cache_size = cache_size_;
  ipc::ProcessRow* row = page_->processes.data();
  put(row->name, "supervisor");
  row->pid = pid_;
  row->state = static_cast<std::uint64_t>(State::sealed);
  row->started_ns = nanoseconds(started_);
  row->budget = budgets_.supervisor;
  for (const Worker& worker : workers) {
    if (++row == page_->processes.data() + page_->processes.size()) break;
    put(row->name, worker.name);
    row->pid = static_cast<std::uint64_t>(worker.pid);
    row->state = static_cast<std::uint64_t>(worker.pid == 0 ? State::not_running
                                            : worker.sealed ? State::sealed
                                                            : State::starting);
    row->started_ns = nanoseconds(worker.started);
    row->restarts = worker.restarts;
    put(row->death, worker.death);
    switch (worker.room) {
      case Room::upstream:
        row->budget = budgets_.upstream;
        break;
      case Room::connector:
        row->budget = budgets_.connector;
        break;
      case Room::frontend:
        row->budget = budgets_.frontend;
        break;
      case Room::control:
        row->budget = budgets_.control;
        break;
    }
  }
  page_->rows = std::min<std::size_t>(1 + workers.size(), page_->processes.size());
  page_->version.fetch_add(1, std::memory_order_release);
}

}  // namespace dotkeep::supervisor
