#include <algorithm>

#include "control/metric.h"
#include "control/render.h"

namespace dotkeep::control {
namespace {

constexpr std::string_view kPrefix = "dotkeep_";

// # HELP and # TYPE; what is not known counts up, as pages of counters do.
class Family {
 public:
  Family(Text& out, Source source, std::string_view what)
      : out_(out), source_(source), what_(what) {
    const Metric* const metric = find_metric(source, what);
    gauge_ = metric != nullptr && metric->gauge;
    if (metric != nullptr) name(out.raw("# HELP ")).raw(" ").raw(metric->about).raw("\n");
    name(out.raw("# TYPE ")).raw(gauge_ ? " gauge\n" : " counter\n");
  }

  // The beginning of a sample; its labels and value are to follow.
  Text& sample() { return name(out_); }

 private:
  Text& name(Text& out) {
    out.raw(kPrefix).raw(source_ == Source::server ? "upstream_" : "").raw(what_);
    return out.raw(gauge_ ? "" : "_total");
  }

  Text& out_;
  Source source_;
  std::string_view what_;
  bool gauge_;
};

Text& kind_label(Text& out, std::string_view kind) {
  if (!kind.empty()) out.raw(",kind=").quoted(kind);
  return out;
}

// A metric's samples stand together, whatever page they come from: name by name, in the order of
// the first page that has it.
template <typename Pages, typename Sample>
void each_family(const Pages& pages, Source source, Text& out, const Sample& sample) {
  for (std::size_t p = 0; p < pages.size(); ++p) {
    for (std::size_t i = 0; i < pages[p].size(); ++i) {
      const std::string_view what = pages[p][i].what;
      const auto same = [what](const Counted& c) { return c.what == what; };
      const auto has = [&](const auto& counts) { return std::ranges::any_of(counts, same); };
      const auto here = pages.begin() + static_cast<std::ptrdiff_t>(p);
      const auto before = pages[p].begin() + static_cast<std::ptrdiff_t>(i);
      if (std::any_of(pages[p].begin(), before, same) || std::any_of(pages.begin(), here, has)) {
        continue;
      }
      Family family(out, source, what);
      for (std::size_t q = p; q < pages.size(); ++q) {
        for (const Counted& counted : pages[q]) {
          if (counted.what == what) sample(family.sample(), q, counted);
        }
      }
    }
  }
}

void frontends(const Snapshot& snapshot, Text& out) {
  std::vector<std::span<const Counted>> pages;
  pages.reserve(snapshot.frontends.size());
  for (const Counts& counts : snapshot.frontends) pages.emplace_back(counts.all);
  each_family(pages, Source::frontend, out, [](Text& text, std::size_t page, const Counted& c) {
    kind_label(text.raw("{frontend=\"").number(page).raw("\""), c.kind);
    text.raw("} ").number(c.value).raw("\n");
  });
}

// The labels say which listener: what a verdict is called is the frontend's to say.
void verdicts(const Snapshot& snapshot, Text& out) {
  Family family(out, Source::frontend, "verdicts");
  for (std::size_t f = 0; f < snapshot.frontends.size(); ++f) {
    for (const ListenerVerdicts& listener : snapshot.frontends[f].listeners) {
      for (const Counted& counted : listener.counts) {
        family.sample().raw("{frontend=\"").number(f).raw("\",listener=").quoted(listener.at);
        out.raw(listener.tcp ? ",transport=\"tcp\"" : ",transport=\"udp\"");
        out.raw(",verdict=\"").plain(counted.what);
        if (!counted.kind.empty()) out.raw(".").plain(counted.kind);
        out.raw("\"} ").number(counted.value).raw("\n");
      }
    }
  }
}

Text& server_labels(Text& out, const Server& server) {
  return out.raw("{id=").quoted(server.id).raw(",address=").quoted(server.address);
}

void servers(const Snapshot& snapshot, Text& out) {
  const auto gauge = [&](std::string_view what, const auto& value) {
    Family family(out, Source::server, what);
    for (const Server& server : snapshot.servers) {
      if (what == "latency_seconds" && server.row->latency_us == 0) continue;
      if (what == "certificate_not_after_seconds" && server.row->not_after == 0) continue;
      server_labels(family.sample(), server).raw("} ");
      value(*server.row);
      out.raw("\n");
    }
  };
  if (snapshot.servers.empty()) return;
  gauge("up",
        [&](const ipc::ServerRow& row) { out.number(row.state == 1 || row.state == 3 ? 1 : 0); });
  gauge("latency_seconds", [&](const ipc::ServerRow& row) { out.decimal(row.latency_us, 6); });
  gauge("connections", [&](const ipc::ServerRow& row) { out.number(row.connections); });
  gauge("certificate_not_after_seconds",
        [&](const ipc::ServerRow& row) { out.number(row.not_after); });
  gauge("pin", [&](const ipc::ServerRow& row) { out.number(row.pin); });
  std::vector<std::span<const Counted>> pages;
  pages.reserve(snapshot.servers.size());
  for (const Server& server : snapshot.servers) pages.emplace_back(server.counts);
  each_family(pages, Source::server, out, [&](Text& text, std::size_t page, const Counted& c) {
    kind_label(server_labels(text, snapshot.servers[page]), c.kind);
    text.raw("} ").number(c.value).raw("\n");
  });
}

void processes(const Snapshot& snapshot, Text& out) {
  const auto now = static_cast<std::uint64_t>(snapshot.now.time_since_epoch().count());
  const auto each = [&](std::string_view what, const auto& value) {
    Family family(out, Source::process, what);
    for (const ipc::ProcessRow* row : snapshot.processes) {
      family.sample().raw("{process=").quoted(text_of(row->name)).raw("} ");
      value(*row);
      out.raw("\n");
    }
  };
  each("process_up", [&](const ipc::ProcessRow& row) {
    out.number(row.state == static_cast<std::uint64_t>(ipc::ProcessState::sealed) ? 1 : 0);
  });
  each("process_uptime_seconds", [&](const ipc::ProcessRow& row) {
    out.decimal(row.pid == 0 || now < row.started_ns ? 0 : (now - row.started_ns) / 1'000'000, 3);
  });
  each("process_restarts", [&](const ipc::ProcessRow& row) { out.number(row.restarts); });
  each("process_memory_budget_octets", [&](const ipc::ProcessRow& row) { out.number(row.budget); });
  Family(out, Source::process, "reloads").sample().raw(" ").number(snapshot.reloads).raw("\n");
  Family(out, Source::process, "cache_size_octets").sample().raw(" ").number(snapshot.cache_size);
  out.raw("\n");
}

void own(const Snapshot& snapshot, Text& out) {
  const Tally& t = snapshot.tally;
  const std::pair<std::string_view, std::uint64_t> counts[] = {
      {"scrape", t.scrapes},           {"other_request", t.other_requests},
      {"bad_request", t.bad_requests}, {"command", t.commands},
      {"bad_command", t.bad_commands}, {"overdue", t.overdue},
      {"evicted", t.evicted},          {"bad_page", t.bad_pages}};
  Family family(out, Source::control, "control");
  for (const auto& [kind, count] : counts) {
    family.sample().raw("{kind=").quoted(kind).raw("} ").number(count).raw("\n");
  }
}

}  // namespace

void render_metrics(const Snapshot& snapshot, Text& out) {
  frontends(snapshot, out);
  verdicts(snapshot, out);
  servers(snapshot, out);
  processes(snapshot, out);
  own(snapshot, out);
}

std::size_t rendered_size(std::size_t frontends, std::size_t servers) {
  // The longest sample: both labels of a server and the longest names and numbers.
  constexpr std::size_t kSample = 64 + ipc::kCounterName + 2 * ipc::kServerText + 32;
  constexpr std::size_t kFamily = 512;
  constexpr std::size_t kVerdict = 96 + ipc::kListenerName + ipc::kVerdictName + 32;
  return frontends * ipc::kCountedListeners * ipc::kMaxVerdicts * kVerdict +
         (frontends * ipc::kMaxCounters + servers * (ipc::kMaxServerCounters + 5) +
          4 * ipc::kMaxProcesses + 16) *
             kSample +
         (ipc::kMaxCounters + ipc::kMaxServerCounters + 16) * kFamily;
}

}  // namespace dotkeep::control
