#include "control/metric.h"

#include <algorithm>
#include <array>

namespace dotkeep::control {
namespace {

constexpr bool kCounter = false;
constexpr bool kGauge = true;

constexpr auto kMetrics = std::to_array<Metric>({
    {Source::frontend, "queries", kCounter, "Messages that clients sent, by transport."},
    {Source::frontend, "answered", kCounter, "Answers with what an upstream or the cache said."},
    {Source::frontend, "servfail", kCounter,
     "Clients told SERVFAIL because no usable answer came; those told of a failure that is "
     "remembered are in dotkeep_cache_total, failed."},
    {Source::frontend, "asks", kCounter, "Queries handed to the upstream room, retries included."},
    {Source::frontend, "late_answers", kCounter,
     "Answers to what was answered or given up before."},
    {Source::frontend, "wall_full", kCounter,
     "Queries not asked because the upstream room did not keep up."},
    {Source::frontend, "cache", kCounter,
     "Looks into the cache: fresh, failed (asked a moment ago in vain), stale or missed; and what "
     "was stored and refreshed."},
    {Source::frontend, "cache_octets", kGauge, "Memory of the cache: all of it, and used."},
    {Source::frontend, "cache_entries", kGauge, "Answers that are kept."},
    {Source::frontend, "coalesced", kCounter,
     "Queries that joined an identical question on its way."},
    {Source::frontend, "paced", kCounter,
     "Answers held back so that they do not leave in a burst."},
    {Source::frontend, "verified", kCounter, "Queries over UDP with a server cookie of ours."},
    {Source::frontend, "tcp", kCounter,
     "TCP connections: accepted, evicted for a new one, closed for a frame that is too long or for "
     "being too slow."},
    {Source::frontend, "cut", kCounter,
     "Answers over UDP too large for a link on their way, sent as TC=1 instead."},
    {Source::frontend, "unsent", kCounter, "Datagrams that the kernel did not take."},
    {Source::frontend, "refused_udp", kCounter, "Refusals over UDP, by reason (docs/errors.md)."},
    {Source::frontend, "refused_tcp", kCounter, "Refusals over TCP, by reason (docs/errors.md)."},
    {Source::frontend, "verdicts", kCounter,
     "What became of messages and connections at each listener (`listener`, `transport`, "
     "`verdict`): passed on to the cache, refused or rejected for a reason (docs/errors.md); none "
     "for what never was."},
    {Source::frontend, "rejection", kCounter,
     "Messages that are no query that can be answered, by what is wrong."},
    {Source::frontend, "reply_fault", kCounter,
     "Replies of upstreams that were not believed, by what is wrong."},
    {Source::frontend, "upstream_fault", kCounter,
     "Queries that the upstream room gave up, by reason."},

    {Source::server, "up", kGauge,
     "1: its last handshake succeeded; 0: it is down or not tried yet."},
    {Source::server, "latency_seconds", kGauge,
     "How long an answer usually takes; absent: not known."},
    {Source::server, "connections", kGauge, "Connections that are open or being opened."},
    {Source::server, "certificate_not_after_seconds", kGauge,
     "When its certificate expires, in seconds since 1970; absent: not known."},
    {Source::server, "pin", kGauge,
     "Which of its pins matched: 1 the active one, from 2 on a backup; 0: none."},
    {Source::server, "queries", kCounter, "Queries that left for it, retries included."},
    {Source::server, "answers", kCounter, "Answers that came in time."},
    {Source::server, "handshake", kCounter, "TLS handshakes that succeeded, full or resumed."},
    {Source::server, "unpinned", kCounter,
     "Handshakes in which no pin matched, with pin_mode = \"report\"."},
    {Source::server, "opening_failed", kCounter,
     "Connections that could not be opened, by reason; failed handshakes among them."},
    {Source::server, "lost", kCounter, "Connections that ended or were given up, by reason."},

    {Source::process, "process_up", kGauge, "1: it runs and is sealed."},
    {Source::process, "process_uptime_seconds", kGauge, "Since it was started."},
    {Source::process, "process_restarts", kCounter, "How often it was started anew."},
    {Source::process, "process_memory_budget_octets", kGauge, "What it can come to use at most."},
    {Source::process, "reloads", kCounter, "Configurations that were taken over."},
    {Source::process, "cache_size_octets", kGauge,
     "Memory for answers, of all frontends together."},

    {Source::control, "control", kCounter,
     "What the control room did: requests of scrapers and operators by how they ended, pages that "
     "could not be read."},
});

constexpr std::string_view kOfServers = "upstream_";
constexpr std::string_view kOfListeners = "verdicts";

}  // namespace

bool may_name(Source source, std::string_view what) {
  const auto same = [&](const Metric& m) {
    if ((m.source == Source::server) == (source == Source::server)) return m.what == what;
    const std::string_view with = source == Source::server ? m.what : what;
    return with.starts_with(kOfServers) &&
           with.substr(kOfServers.size()) == (source == Source::server ? what : m.what);
  };
  return std::ranges::none_of(kMetrics, [&](const Metric& m) {
    // What a server's gauge is stands in fields of its own.
    const bool from_page = m.source == source && !(source == Source::server && m.gauge) &&
                           !(source == Source::frontend && m.what == kOfListeners);
    return !from_page && same(m);
  });
}

std::span<const Metric> metrics() {
  return kMetrics;
}

const Metric* find_metric(Source source, std::string_view what) {
  const auto* const found = std::ranges::find_if(
      kMetrics, [&](const Metric& m) { return m.source == source && m.what == what; });
  return found == kMetrics.end() ? nullptr : found;
}

}  // namespace dotkeep::control
