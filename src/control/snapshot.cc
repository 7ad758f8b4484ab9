#include "control/snapshot.h"

#include <algorithm>
#include <ctime>

namespace dotkeep::control {

std::uint64_t Snapshot::sum(std::string_view what, std::string_view kind) const {
  std::uint64_t sum = 0;
  for (const Counts& counts : frontends) {
    for (const Counted& counted : counts.all) {
      if (counted.what == what && (kind.empty() || counted.kind == kind)) sum += counted.value;
    }
  }
  return sum;
}

Observer::Observer(const Pages& pages)
    : pages_(pages),
      processes_(std::make_unique<ipc::ProcessPage>()),
      servers_(std::make_unique<ipc::UpstreamPage>()) {
  snapshot_.processes.reserve(ipc::kMaxProcesses);
  snapshot_.servers.reserve(ipc::kMaxServers);
  snapshot_.frontends.resize(pages.frontends.size());
  for (Counts& counts : snapshot_.frontends) {
    frontends_.push_back(std::make_unique<ipc::CounterPage>());
    counts.all.reserve(ipc::kMaxCounters);
    counts.refused.reserve(ipc::kRefusedPrefixes);
    counts.listeners.resize(ipc::kCountedListeners);
    for (ListenerVerdicts& listener : counts.listeners) listener.counts.reserve(ipc::kMaxVerdicts);
  }
}

std::size_t Observer::memory(std::size_t frontends) {
  constexpr std::size_t kOfServers =
      sizeof(ipc::UpstreamPage) +
      ipc::kMaxServers * (sizeof(Server) + 2 * ipc::kMaxServerCounters * sizeof(Counted));
  constexpr std::size_t kOfFrontend = sizeof(ipc::CounterPage) +
                                      ipc::kMaxCounters * sizeof(Counted) +
                                      ipc::kCountedListeners * sizeof(ListenerVerdicts) +
                                      ipc::kCountedListeners * ipc::kMaxVerdicts * sizeof(Counted) +
                                      ipc::kRefusedPrefixes * sizeof(ipc::RefusedPrefix);
  return sizeof(ipc::ProcessPage) + kOfServers + frontends * kOfFrontend;
}

const Snapshot& Observer::look(Time now, Tally& tally) {
  Snapshot& s = snapshot_;
  s.now = now;
  timespec date{};
  // Answered without the kernel, as the monotonic one is.
  static_cast<void>(clock_gettime(CLOCK_REALTIME, &date));
  s.date = static_cast<std::uint64_t>(std::max<time_t>(date.tv_sec, 0));
  s.processes.clear();
  if (copy_page(*pages_.processes, *processes_)) {
    const std::size_t rows = parse_processes(*processes_);
    if (rows == 0) ++tally.bad_pages;
    for (std::size_t i = 0; i < rows; ++i) s.processes.push_back(&processes_->processes[i]);
  }
  s.release = text_of(processes_->release);
  s.reloads = processes_->reloads;
  s.cache_size = processes_->cache_size;
  s.servers.clear();
  // A page without its mark is one whose owner has not begun: not a breach.
  if (copy_page(*pages_.servers, *servers_) && servers_->magic != 0 &&
      !parse_servers(*servers_, s.servers)) {
    ++tally.bad_pages;
  }
  while (s.servers.size() > pages_.most_servers) s.servers.pop_back();
  for (std::size_t i = 0; i < frontends_.size(); ++i) {
    copy_page(*pages_.frontends[i], *frontends_[i]);
    if (!parse_counters(*frontends_[i], s.frontends[i]) && frontends_[i]->magic != 0) {
      ++tally.bad_pages;
    }
  }
  s.tally = tally;
  return s;
}

}  // namespace dotkeep::control
