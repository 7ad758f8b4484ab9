#include "control/pages.h"

#include <algorithm>
#include <cstring>

#include "control/metric.h"

namespace dotkeep::control {
namespace {

// A writer is inside for less than a microsecond at a time: who finds it there so often has met one
// that means it, or died there.
constexpr int kTries = 3;

// Numbers are words of their own, so each is whole; of two words one may be older.
void copy_words(const void* from, void* to, std::size_t size) {
  static_assert(sizeof(std::uint64_t) == 8);
  const auto* source = static_cast<const std::uint64_t*>(from);
  auto* target = static_cast<std::uint64_t*>(to);
  for (std::size_t i = 0; i < size / sizeof(std::uint64_t); ++i) {
    target[i] = __atomic_load_n(source + i, __ATOMIC_RELAXED);
  }
}

template <typename Page>
bool copy_between(const Page& page, Page& copy, const std::atomic<std::uint64_t>& version) {
  static_assert(sizeof(Page) % sizeof(std::uint64_t) == 0 &&
                std::is_trivially_destructible_v<Page>);
  for (int i = 0; i < kTries; ++i) {
    const std::uint64_t before = version.load(std::memory_order_acquire);
    copy_words(&page, &copy, sizeof(Page));
    std::atomic_thread_fence(std::memory_order_acquire);
    if (before % 2 == 0 && version.load(std::memory_order_relaxed) == before) return true;
  }
  return false;
}

bool is_what(std::string_view text) {
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

// "what.kind" or "what". A name that fills its field has no zero behind it: none is so long.
bool read_name(std::span<const char> field, Counted& out) {
  const std::string_view name = text_of(field);
  if (name.size() == field.size()) return false;
  const std::size_t dot = name.find('.');
  out.what = name.substr(0, dot);
  out.kind = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
  return is_what(out.what) && is_plain(out.kind) &&
         (dot == std::string_view::npos || !out.kind.empty());
}

// The page is refused whole when a name breaks its form.
bool parse_listeners(const ipc::CounterPage& copy, Counts& out) {
  if (copy.verdicts > ipc::kMaxVerdicts) return false;
  for (std::size_t i = 0; i < out.listeners.size() && i < copy.listeners.size(); ++i) {
    const ipc::ListenerCounts& from = copy.listeners[i];
    ListenerVerdicts& listener = out.listeners[i];
    listener.at = text_of(from.at);
    listener.tcp = from.tcp != 0;
    if (listener.at.size() == from.at.size() || !is_plain(listener.at)) return false;
    if (listener.at.empty()) continue;
    for (std::size_t j = 0; j < copy.verdicts; ++j) {
      Counted counted;
      if (!read_name(copy.verdict_names[j], counted)) return false;
      counted.value = from.values[j];
      if (counted.value != 0) listener.counts.push_back(counted);
    }
  }
  return true;
}

void clear(Counts& counts) {
  counts.all.clear();
  counts.refused.clear();
  for (ListenerVerdicts& listener : counts.listeners) {
    listener.at = {};
    listener.counts.clear();
  }
}

}  // namespace

bool parse_counters(const ipc::CounterPage& copy, Counts& out) {
  clear(out);
  if (copy.magic != ipc::CounterPage::kMagic || copy.count > ipc::kMaxCounters) return false;
  for (std::size_t i = 0; i < copy.count; ++i) {
    Counted counted;
    if (!read_name(copy.names[i], counted) || !may_name(Source::frontend, counted.what)) {
      clear(out);
      return false;
    }
    counted.value = copy.values[i];
    out.all.push_back(counted);
  }
  if (!parse_listeners(copy, out)) {
    clear(out);
    return false;
  }
  // Odd: torn, or its writer died there. It comes again.
  if (copy.refused_version.load(std::memory_order_relaxed) % 2 != 0) return true;
  for (const ipc::RefusedPrefix& prefix : copy.refused) {
    const bool good =
        (prefix.family == 4 && prefix.length <= 32) || (prefix.family == 6 && prefix.length <= 128);
    if (good && prefix.error <= prefix.count) out.refused.push_back(prefix);
  }
  return true;
}

bool parse_servers(const ipc::UpstreamPage& copy, std::vector<Server>& out) {
  out.clear();
  if (copy.magic != ipc::UpstreamPage::kMagic || copy.count > ipc::kMaxServerCounters ||
      copy.rows > ipc::kMaxServers) {
    return false;
  }
  std::array<Counted, ipc::kMaxServerCounters> names;
  for (std::size_t i = 0; i < copy.count; ++i) {
    if (!read_name(copy.names[i], names[i]) || !may_name(Source::server, names[i].what)) {
      return false;
    }
  }
  for (std::size_t i = 0; i < copy.rows; ++i) {
    const ipc::ServerRow& row = copy.servers[i];
    Server server{text_of(row.id), text_of(row.address), &row, {}};
    if (server.id.empty() || !is_plain(server.id) || !is_plain(server.address)) {
      out.clear();
      return false;
    }
    for (std::size_t j = 0; j < copy.count; ++j) {
      server.counts.push_back({names[j].what, names[j].kind, row.values[j]});
    }
    out.push_back(std::move(server));
  }
  return true;
}

std::size_t parse_processes(const ipc::ProcessPage& copy) {
  const bool good = copy.magic == ipc::ProcessPage::kMagic && copy.rows <= ipc::kMaxProcesses;
  return good ? copy.rows : 0;
}

bool copy_page(const ipc::CounterPage& page, ipc::CounterPage& copy) {
  if (copy_between(page, copy, page.refused_version)) return true;
  copy.refused_version.store(1, std::memory_order_relaxed);
  return false;
}
bool copy_page(const ipc::UpstreamPage& page, ipc::UpstreamPage& copy) {
  return copy_between(page, copy, page.version);
}
bool copy_page(const ipc::ProcessPage& page, ipc::ProcessPage& copy) {
  return copy_between(page, copy, page.version);
}

}  // namespace dotkeep::control
