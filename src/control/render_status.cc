// dotkeep status, as a page for people and as JSON.
#include <algorithm>
#include <array>
#include <utility>

#include "base/upstream_fault.h"
#include "control/render.h"

namespace dotkeep::control {
namespace {

using State = ipc::ProcessState;

std::uint64_t nanoseconds(Time time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

std::uint64_t seconds_since(const Snapshot& snapshot, std::uint64_t then_ns) {
  const std::uint64_t now = nanoseconds(snapshot.now);
  return then_ns == 0 || now < then_ns ? 0 : (now - then_ns) / 1'000'000'000;
}

std::uint64_t age_s(const Snapshot& snapshot, const ipc::ProcessRow& row) {
  return row.pid == 0 ? 0 : seconds_since(snapshot, row.started_ns);
}

std::string_view process_state(const ipc::ProcessRow& row) {
  if (row.state == static_cast<std::uint64_t>(State::sealed)) return "sealed";
  return row.state == static_cast<std::uint64_t>(State::starting) ? "starting" : "not running";
}

std::string_view server_state(const ipc::ServerRow& row) {
  constexpr std::array<std::string_view, 4> kStates = {"not tried yet", "up", "down", "slow"};
  return kStates[row.state < kStates.size() ? row.state : 0];
}

std::string_view why_down(const ipc::ServerRow& row) {
  if (row.state != 2) return {};
  return row.fault < kUpstreamFaults ? to_string(static_cast<UpstreamFault>(row.fault)) : "unknown";
}

std::uint64_t count_of(const Server& server, std::string_view what, std::string_view kind = {}) {
  std::uint64_t sum = 0;
  for (const Counted& c : server.counts) {
    if (c.what == what && (kind.empty() || c.kind == kind)) sum += c.value;
  }
  return sum;
}

// "3 d 4 h", "25 s": the two largest units.
Text& age(Text& out, std::uint64_t seconds) {
  constexpr std::pair<std::uint64_t, std::string_view> kUnits[] = {
      {86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}};
  int said = 0;
  for (const auto& [unit, word] : kUnits) {
    const std::uint64_t value = seconds / unit;
    seconds %= unit;
    if (value == 0 && (said != 0 || unit != 1)) {
      if (said != 0) break;
      continue;
    }
    out.raw(said == 0 ? "" : " ").number(value).raw(word);
    if (++said == 2) break;
  }
  return out;
}

Text& mebibytes(Text& out, std::uint64_t octets) {
  return out.decimal(octets / ((1U << 20) / 10), 1).raw(" MiB");
}

struct Hits {
  std::uint64_t hits = 0;
  std::uint64_t looks = 0;
  [[nodiscard]] std::uint64_t per_mille() const { return looks == 0 ? 0 : hits * 1000 / looks; }
};

// A failure that is remembered is found too, and is no hit: nobody is helped by it.
Hits hits(const Snapshot& s) {
  const std::uint64_t found = s.sum("cache", "fresh") + s.sum("cache", "stale");
  return {found, found + s.sum("cache", "failed") + s.sum("cache", "missed")};
}

// Clients told SERVFAIL: of a failure of now, or of one that is remembered.
std::uint64_t failures(const Snapshot& s) {
  return s.sum("servfail") + s.sum("cache", "failed");
}

// What was refused, by reason, over both transports; of the frontends' names, so by what they say.
struct Refusal {
  std::string_view reason;
  std::uint64_t udp = 0;
  std::uint64_t tcp = 0;
};

std::vector<Refusal> refusals(const Snapshot& s) {
  std::vector<Refusal> all;
  all.reserve(64);
  for (const Counts& counts : s.frontends) {
    for (const Counted& c : counts.all) {
      const bool udp = c.what == "refused_udp";
      if ((!udp && c.what != "refused_tcp") || c.value == 0) continue;
      auto found = std::ranges::find(all, c.kind, &Refusal::reason);
      if (found == all.end()) found = all.insert(all.end(), Refusal{c.kind});
      (udp ? found->udp : found->tcp) += c.value;
    }
  }
  std::ranges::sort(all, std::greater(), [](const Refusal& r) { return r.udp + r.tcp; });
  return all;
}

constexpr std::size_t kShownPrefixes = 10;

// The most refused, of all frontends; one prefix may be in several sketches.
std::vector<ipc::RefusedPrefix> top_refused(const Snapshot& s) {
  std::vector<ipc::RefusedPrefix> all;
  all.reserve(s.frontends.size() * ipc::kRefusedPrefixes);
  for (const Counts& counts : s.frontends) {
    for (const ipc::RefusedPrefix& prefix : counts.refused) {
      const auto same = std::ranges::find_if(all, [&](const ipc::RefusedPrefix& other) {
        return other.family == prefix.family && other.length == prefix.length &&
               other.address == prefix.address;
      });
      if (same == all.end()) {
        all.push_back(prefix);
      } else {
        same->count += prefix.count;
      }
    }
  }
  std::ranges::sort(all, std::greater(), &ipc::RefusedPrefix::count);
  all.resize(std::min(all.size(), kShownPrefixes));
  return all;
}

}  // namespace

bool is_healthy(const Snapshot& snapshot) {
  const bool sealed = std::ranges::all_of(snapshot.processes, [](const ipc::ProcessRow* row) {
    return row->state == static_cast<std::uint64_t>(State::sealed);
  });
  const bool down =
      !snapshot.servers.empty() && std::ranges::all_of(snapshot.servers, [](const Server& server) {
        return server.row->state == 2;
      });
  return sealed && !snapshot.processes.empty() && !down;
}

void render_prefix(const ipc::RefusedPrefix& prefix, bool addresses, Text& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const bool v4 = prefix.family == 4;
  const unsigned length =
      addresses ? prefix.length : std::min<unsigned>(prefix.length, v4 ? 16 : 32);
  const auto octet = [&](std::size_t i) {
    const std::size_t before = 8 * i;
    const std::uint8_t value = prefix.address[i];
    if (before >= length) return std::uint8_t{0};
    if (length - before >= 8) return value;
    return static_cast<std::uint8_t>(value & (0xff00U >> (length - before)));
  };
  if (v4) {
    for (std::size_t i = 0; i < 4; ++i) out.raw(i == 0 ? "" : ".").number(octet(i));
  } else {
    // Groups up to the last that is not 0, then "::": short, and right for whatever prefix.
    std::size_t groups = (length + 15) / 16;
    while (groups > 0 && octet(2 * groups - 2) == 0 && octet(2 * groups - 1) == 0) --groups;
    for (std::size_t i = 0; i < groups; ++i) {
      if (i != 0) out.raw(":");
      const unsigned group = static_cast<unsigned>(octet(2 * i) << 8 | octet(2 * i + 1));
      bool leading = true;
      for (int shift = 12; shift >= 0; shift -= 4) {
        const unsigned digit = group >> shift & 0xfU;
        leading = leading && digit == 0 && shift != 0;
        if (!leading) out.raw(kHex.substr(digit, 1));
      }
    }
    if (groups < 8) out.raw("::");
  }
  out.raw("/").number(length);
}

void render_status(const Snapshot& s, bool addresses, Text& out) {
  out.raw("dotkeep ").plain(s.release).raw("\n\nprocesses\n");
  for (const ipc::ProcessRow* row : s.processes) {
    const std::size_t line = out.size();
    out.raw("  ").plain(text_of(row->name)).column(line, 16).raw(process_state(*row));
    if (row->pid != 0) age(out.raw(", pid ").number(row->pid).raw(", for "), age_s(s, *row));
    if (row->restarts != 0) out.raw(", started anew ").number(row->restarts).raw(" times");
    const std::string_view death = text_of(row->death);
    if (!death.empty()) out.raw(", last death: ").plain(death);
    mebibytes(out.raw(", at most "), row->budget).raw("\n");
  }
  out.raw("\nupstreams\n");
  if (s.servers.empty()) out.raw("  not known: the upstream room has not begun\n");
  for (const Server& server : s.servers) {
    const std::size_t line = out.size();
    out.raw("  ").plain(server.id).column(line, 16).plain(server.address).column(line, 40);
    out.raw(server_state(*server.row));
    const std::string_view why = why_down(*server.row);
    if (!why.empty()) out.raw(": ").raw(why);
    if (server.row->since_ns != 0) age(out.raw(", for "), seconds_since(s, server.row->since_ns));
    if (server.row->latency_us != 0) {
      out.raw(", usually ").decimal(server.row->latency_us / 100, 1).raw(" ms");
    }
    if (server.row->not_after != 0) {
      const std::uint64_t end = server.row->not_after;
      out.raw(", certificate for ").number(end > s.date ? (end - s.date) / 86400 : 0).raw(" days");
    }
    if (server.row->pin != 0) {
      out.raw(", pin ")
          .number(server.row->pin)
          .raw(server.row->pin == 1 ? " (active)" : " (backup)");
    }
    out.raw(", ").number(server.row->connections).raw(" connections, ");
    out.number(count_of(server, "queries")).raw(" queries, ");
    out.number(count_of(server, "answers")).raw(" answers, handshakes: ");
    out.number(count_of(server, "handshake", "full")).raw(" full, ");
    out.number(count_of(server, "handshake", "resumed")).raw(" resumed, ");
    out.number(count_of(server, "opening_failed")).raw(" connections failed\n");
  }
  out.raw("\nclients\n  queries       ").number(s.sum("queries", "udp")).raw(" UDP, ");
  out.number(s.sum("queries", "tcp")).raw(" TCP\n  answered      ").number(s.sum("answered"));
  out.raw("\n  SERVFAIL      ").number(failures(s)).raw("\n\ncache\n  hit rate      ");
  const Hits found = hits(s);
  if (found.looks == 0) {
    out.raw("nothing was looked for yet\n");
  } else {
    out.decimal(found.per_mille(), 1).raw(" % of ").number(found.looks).raw("\n");
  }
  mebibytes(out.raw("  memory        "), s.sum("cache_octets", "used")).raw(" of ");
  mebibytes(out, s.cache_size).raw(", ").number(s.sum("cache_entries")).raw(" answers\n");

  out.raw("\nrefused\n");
  const auto reasons = refusals(s);
  if (reasons.empty()) out.raw("  nobody\n");
  for (const Refusal& refusal : reasons) {
    const std::size_t line = out.size();
    out.raw("  ").plain(refusal.reason).column(line, 24).number(refusal.udp).raw(" UDP, ");
    out.number(refusal.tcp).raw(" TCP\n");
  }
  for (const ipc::RefusedPrefix& prefix : top_refused(s)) {
    out.raw("  from ");
    render_prefix(prefix, addresses, out);
    out.raw(": ").number(prefix.count).raw("\n");
  }
}

void render_status_json(const Snapshot& s, bool addresses, Text& out) {
  out.raw("{\"version\":").quoted(s.release).raw(",\"healthy\":");
  out.raw(is_healthy(s) ? "true" : "false").raw(",\"reloads\":").number(s.reloads);
  out.raw(",\"processes\":[");
  const char* comma = "";
  for (const ipc::ProcessRow* row : s.processes) {
    out.raw(std::exchange(comma, ",")).raw("{\"name\":").quoted(text_of(row->name));
    out.raw(",\"pid\":").number(row->pid).raw(",\"state\":").quoted(process_state(*row));
    out.raw(",\"seconds\":").number(age_s(s, *row)).raw(",\"restarts\":").number(row->restarts);
    out.raw(",\"last_death\":").quoted(text_of(row->death));
    out.raw(",\"memory_budget\":").number(row->budget).raw("}");
  }
  out.raw("],\"upstreams\":[");
  comma = "";
  for (const Server& server : s.servers) {
    const ipc::ServerRow& row = *server.row;
    out.raw(std::exchange(comma, ",")).raw("{\"id\":").quoted(server.id);
    out.raw(",\"address\":").quoted(server.address).raw(",\"state\":").quoted(server_state(row));
    out.raw(",\"reason\":").quoted(why_down(row));
    out.raw(",\"seconds\":").number(seconds_since(s, row.since_ns));
    out.raw(",\"latency_us\":").number(row.latency_us);
    out.raw(",\"connections\":").number(row.connections);
    out.raw(",\"certificate_not_after\":").number(row.not_after);
    out.raw(",\"pin\":").number(row.pin).raw(",\"counts\":{");
    const char* inner = "";
    for (const Counted& c : server.counts) {
      out.raw(std::exchange(inner, ",")).raw("\"").plain(c.what);
      if (!c.kind.empty()) out.raw(".").plain(c.kind);
      out.raw("\":").number(c.value);
    }
    out.raw("}}");
  }
  const Hits found = hits(s);
  out.raw("],\"queries\":{\"udp\":").number(s.sum("queries", "udp")).raw(",\"tcp\":");
  out.number(s.sum("queries", "tcp")).raw(",\"answered\":").number(s.sum("answered"));
  out.raw(",\"servfail\":").number(failures(s)).raw("},\"cache\":{\"hits\":");
  out.number(found.hits).raw(",\"looks\":").number(found.looks).raw(",\"used\":");
  out.number(s.sum("cache_octets", "used")).raw(",\"size\":").number(s.cache_size);
  out.raw(",\"entries\":").number(s.sum("cache_entries")).raw("},\"refused\":{");
  comma = "";
  for (const Refusal& refusal : refusals(s)) {
    out.raw(std::exchange(comma, ",")).quoted(refusal.reason).raw(":{\"udp\":");
    out.number(refusal.udp).raw(",\"tcp\":").number(refusal.tcp).raw("}");
  }
  out.raw("},\"refused_prefixes\":[");
  comma = "";
  for (const ipc::RefusedPrefix& prefix : top_refused(s)) {
    out.raw(std::exchange(comma, ",")).raw("{\"prefix\":\"");
    render_prefix(prefix, addresses, out);
    out.raw("\",\"count\":").number(prefix.count).raw("}");
  }
  out.raw("]}\n");
}

}  // namespace dotkeep::control
