#include "control/render.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "control/http_answer.h"
#include "control/metric.h"
#include "frontend/counters.h"
#include "upstream/counts.h"

namespace dotkeep::control {
namespace {

using testing::HasSubstr;
using testing::Not;

struct World {
  ipc::ProcessRow supervisor{};
  ipc::ProcessRow frontend{};
  ipc::ServerRow row{};
  Snapshot snapshot;

  World() {
    std::ranges::copy(std::string_view("supervisor"), supervisor.name.begin());
    std::ranges::copy(std::string_view("frontend[0]"), frontend.name.begin());
    for (ipc::ProcessRow* process : {&supervisor, &frontend}) {
      process->pid = 7;
      process->state = static_cast<std::uint64_t>(ipc::ProcessState::sealed);
      process->started_ns = 1'000'000'000;
    }
    snapshot.now = Time(std::chrono::seconds(91));
    snapshot.release = "0.1.0";
    snapshot.cache_size = 64U << 20;
    snapshot.processes = {&supervisor, &frontend};
    row.state = 1;
    row.since_ns = 26'000'000'000;
    row.latency_us = 24093;
    snapshot.servers = {
        {"quad9", "9.9.9.9:853", &row, {{"queries", "", 3}, {"lost", "time-out", 1}}}};
    snapshot.frontends = {{{{"queries", "udp", 5},
                            {"cache", "fresh", 3},
                            {"cache", "failed", 2},
                            {"cache", "missed", 1},
                            {"refused_udp", "client_rate", 2}},
                           {},
                           {}},
                          {{{"queries", "udp", 6}, {"refused_tcp", "client_rate", 9}}, {}, {}}};
  }

  std::string rendered(const auto& render) const {
    std::vector<char> out(65536);
    Text text(out);
    render(text);
    EXPECT_TRUE(text.ok());
    return std::string(text.view());
  }
  std::string metrics_text() const {
    return rendered([this](Text& t) { render_metrics(snapshot, t); });
  }
  std::string status(bool addresses = false) const {
    return rendered([&](Text& t) { render_status(snapshot, addresses, t); });
  }
};

TEST(RenderMetrics, SamplesOfOneNameStandTogether) {
  const std::string text = World().metrics_text();
  EXPECT_THAT(text, HasSubstr("# TYPE dotkeep_queries_total counter\n"
                              "dotkeep_queries_total{frontend=\"0\",kind=\"udp\"} 5\n"
                              "dotkeep_queries_total{frontend=\"1\",kind=\"udp\"} 6\n"));
  EXPECT_THAT(text,
              HasSubstr("dotkeep_refused_tcp_total{frontend=\"1\",kind=\"client_rate\"} 9\n"));
  EXPECT_THAT(text, HasSubstr("dotkeep_upstream_up{id=\"quad9\",address=\"9.9.9.9:853\"} 1\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "dotkeep_upstream_latency_seconds{id=\"quad9\",address=\"9.9.9.9:853\"} 0.024093\n"));
  EXPECT_THAT(text, HasSubstr("dotkeep_process_uptime_seconds{process=\"frontend[0]\"} 90.000\n"));
  // No name has two beginnings.
  std::vector<std::string> types;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) types.push_back(line);
  }
  const std::set<std::string> distinct(types.begin(), types.end());
  EXPECT_EQ(distinct.size(), types.size());
}

TEST(RenderMetrics, VerdictsAreOfAListenerAndATransport) {
  World world;
  world.snapshot.frontends[1].listeners = {
      {"127.0.0.1:53", false, {{"passed", "", 7}, {"refused", "client_rate", 2}}},
      {"[::1]:53", true, {{"rejected", "too_short", 1}}}};
  const std::string text = world.metrics_text();
  EXPECT_THAT(text, HasSubstr("# TYPE dotkeep_verdicts_total counter\n"
                              "dotkeep_verdicts_total{frontend=\"1\",listener=\"127.0.0.1:53\","
                              "transport=\"udp\",verdict=\"passed\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("transport=\"udp\",verdict=\"refused.client_rate\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("listener=\"[::1]:53\",transport=\"tcp\","
                              "verdict=\"rejected.too_short\"} 1\n"));
}

TEST(RenderMetrics, WhatDoesNotFitIsSaid) {
  std::array<char, 100> small{};
  Text text(small);
  render_metrics(World().snapshot, text);
  EXPECT_FALSE(text.ok());
  std::array<char, 1024> out{};
  Text answer(out);
  http_answer(200, false, text, answer);
  EXPECT_THAT(std::string(answer.view()), testing::StartsWith("HTTP/1.1 500 "));
}

TEST(RenderMetrics, TheLargestFits) {
  Snapshot s;
  ipc::ServerRow row{};
  std::ranges::fill(row.values, ~std::uint64_t{0});
  row.latency_us = row.connections = ~std::uint64_t{0};
  const std::string id(63, 'i');
  const std::string name(ipc::kCounterName - 2, 'k');
  std::vector<std::string> whats;
  whats.reserve(ipc::kMaxCounters);
  for (std::size_t i = 0; i < ipc::kMaxCounters; ++i) {
    whats.push_back("w" + std::to_string(i) + std::string(40, 'x'));
  }
  Counts counts;
  for (const std::string& what : whats) counts.all.push_back({what, "k", ~std::uint64_t{0}});
  const std::string at(ipc::kListenerName - 1, 'l');
  const std::string verdict(ipc::kVerdictName - 3, 'v');
  ListenerVerdicts listener{at, false, {}};
  listener.counts.resize(ipc::kMaxVerdicts, {verdict, "k", ~std::uint64_t{0}});
  counts.listeners.resize(ipc::kCountedListeners, listener);
  s.frontends = {counts, counts};
  Server server{id, id, &row, {}};
  for (std::size_t i = 0; i < ipc::kMaxServerCounters; ++i) {
    server.counts.push_back({whats[i], "k", ~std::uint64_t{0}});
  }
  s.servers = {server, server};
  std::vector<char> out(rendered_size(2, 2));
  Text text(out);
  render_metrics(s, text);
  EXPECT_TRUE(text.ok());
  text.clear();
  render_status_json(s, true, text);
  EXPECT_TRUE(text.ok());
}

TEST(RenderStatus, SaysWhatAPersonAsks) {
  World world;
  world.frontend.restarts = 2;
  std::ranges::copy(std::string_view("SIGSEGV"), world.frontend.death.begin());
  const std::string text = world.status();
  EXPECT_THAT(text, HasSubstr("frontend[0]   sealed, pid 7, for 1 min 30 s, started anew 2 times, "
                              "last death: SIGSEGV"));
  EXPECT_THAT(
      text, HasSubstr("quad9         9.9.9.9:853             up, for 1 min 5 s, usually 24.0 ms"));
  // Remembered failures: no hits, and SERVFAIL for who asked.
  EXPECT_THAT(text, HasSubstr("hit rate      50.0 % of 6"));
  EXPECT_THAT(text, HasSubstr("SERVFAIL      2\n"));
  EXPECT_THAT(text, HasSubstr("client_rate           2 UDP, 9 TCP"));
  EXPECT_THAT(text, HasSubstr("11 UDP, 0 TCP"));
  world.row.state = 2;
  world.row.fault = static_cast<std::uint64_t>(UpstreamFault::pin_mismatch);
  EXPECT_THAT(world.status(), HasSubstr("down: certificate pin mismatch, for 1 min 5 s,"));
  world.row.fault = 9999;
  EXPECT_THAT(world.status(), HasSubstr("down: unknown"));
  world.row.state = 3;
  EXPECT_THAT(world.status(), HasSubstr(" slow, for 1 min 5 s, usually "));
  EXPECT_TRUE(is_healthy(world.snapshot));
  world.row.state = 9999;
  EXPECT_THAT(world.status(), HasSubstr(" not tried yet, for "));
}

TEST(RenderStatus, PrefixesAreMaskedUnlessAsked) {
  World world;
  world.snapshot.frontends[0].refused = {{{10, 1, 2, 3}, 4, 32, {}, 9, 0},
                                         {{0x20, 1, 0x0d, 0xb8, 0, 1}, 6, 56, {}, 8, 0}};
  EXPECT_THAT(world.status(), HasSubstr("from 10.1.0.0/16: 9\n  from 2001:db8::/32: 8\n"));
  EXPECT_THAT(world.status(true), HasSubstr("from 10.1.2.3/32: 9\n  from 2001:db8:1::/56: 8\n"));
  EXPECT_THAT(world.status(), Not(HasSubstr("10.1.2.3")));
}

TEST(RenderStatus, PrefixesAreWrittenRight) {
  const std::pair<ipc::RefusedPrefix, std::string> all[] = {
      {{{}, 6, 0, {}, 1, 0}, "::/0"},
      {{{0, 1}, 6, 16, {}, 1, 0}, "1::/16"},
      {{{0x20, 1, 0, 0, 0, 5}, 6, 48, {}, 1, 0}, "2001:0:5::/48"},
      {{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 6, 128, {}, 1, 0},
       "102:304:506:708:90a:b0c:d0e:f10/128"},
      {{{255, 255, 255, 255}, 4, 20, {}, 1, 0}, "255.255.240.0/20"},
  };
  for (const auto& [prefix, text] : all) {
    std::array<char, 64> out{};
    Text writer(out);
    render_prefix(prefix, true, writer);
    EXPECT_EQ(writer.view(), text);
  }
}

TEST(Health, NeedsEveryProcessAndAServer) {
  World world;
  EXPECT_TRUE(is_healthy(world.snapshot));
  world.row.state = 0;
  EXPECT_TRUE(is_healthy(world.snapshot)) << "not tried yet";
  world.row.state = 2;
  EXPECT_FALSE(is_healthy(world.snapshot));
  world.row.state = 1;
  world.frontend.state = 1;
  EXPECT_FALSE(is_healthy(world.snapshot));
}

// --- docs/metrics.md

std::vector<std::pair<std::string, std::vector<std::string>>> names_of(Source source) {
  std::vector<std::pair<std::string, std::vector<std::string>>> names;
  const auto add = [&](std::string_view what, std::string_view kind, std::uint64_t) {
    if (names.empty() || names.back().first != what) names.push_back({std::string(what), {}});
    if (!kind.empty()) names.back().second.emplace_back(kind);
  };
  if (source == Source::frontend) {
    frontend::for_each_counter(frontend::Counters(), add);
    add("verdicts", "", 0);  // of the listeners' table
  }
  if (source == Source::server) upstream::for_each_count(upstream::ServerCounts(), add);
  return names;
}

std::string page() {
  constexpr std::pair<Source, const char*> kParts[] = {
      {Source::frontend, "Of each frontend\n\nLabels: `frontend`, its number; `kind`."},
      {Source::server, "Of each upstream\n\nLabels: `id`, `address`; `kind`."},
      {Source::process, "Of the processes\n\nLabel: `process`, where there are several."},
      {Source::control, "Of the control room\n\nLabel: `kind`."}};
  std::string text =
      "# Metrics\n\nMade from `src/control/metric.cc`; `DOTKEEP_WRITE_DOCS=1 test_control` writes "
      "it "
      "anew. `metrics.listen` says\nwhere: `GET /metrics` in Prometheus' text format, `GET "
      "/healthz` "
      "200 or 503. What `dotkeep status` shows comes\nfrom the same numbers. They outlive the "
      "process "
      "that counts: a counter never goes back before dotkeep as a whole\nis started anew.\n";
  for (const auto& [source, title] : kParts) {
    text += std::string("\n## ") + title +
            "\n\n| name | kind of number | means | `kind` |\n|---|---|---|---|\n";
    for (const Metric& metric : metrics()) {
      if (metric.source != source) continue;
      std::string kinds;
      for (const auto& [what, its] : names_of(source)) {
        if (what != metric.what) continue;
        for (const std::string& kind : its) kinds += (kinds.empty() ? "" : ", ") + kind;
      }
      text += "| `dotkeep_" + std::string(source == Source::server ? "upstream_" : "") +
              std::string(metric.what) + (metric.gauge ? "" : "_total") + "` | " +
              (metric.gauge ? "gauge" : "counter") + " | " + std::string(metric.about) + " | " +
              kinds + " |\n";
    }
  }
  return text;
}

TEST(Metrics, EveryNameHasItsRowAndEveryRowItsName) {
  for (const Source source : {Source::frontend, Source::server}) {
    for (const auto& [what, kinds] : names_of(source)) {
      EXPECT_NE(find_metric(source, what), nullptr) << what;
    }
  }
  for (const Metric& metric : metrics()) {
    if (metric.source != Source::frontend) continue;
    const auto names = names_of(metric.source);
    EXPECT_TRUE(std::ranges::any_of(names, [&](const auto& n) { return n.first == metric.what; }))
        << metric.what;
  }
}

TEST(Metrics, ThePageIsUpToDate) {
  const std::string file =
      (std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() / "docs" /
       "metrics.md")
          .string();
  if (std::getenv("DOTKEEP_WRITE_DOCS") != nullptr) std::ofstream(file) << page();
  std::ostringstream there;
  there << std::ifstream(file).rdbuf();
  EXPECT_EQ(there.str(), page());
}

}  // namespace
}  // namespace dotkeep::control
