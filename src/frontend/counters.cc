#include "frontend/counters.h"

#include <cstddef>
#include <cstring>
#include <new>
#include <string>
#include <type_traits>

#include "base/log.h"

namespace dotkeep::frontend {
namespace {

static_assert(std::is_trivially_copyable_v<Counters> && std::is_standard_layout_v<Counters>);
static_assert(sizeof(Counters) % sizeof(Counters::Count) == 0);
static_assert(sizeof(Counters) <= sizeof(ipc::CounterPage::values));

template <typename Kinds, typename Name>
void each(std::string_view what, const Kinds& counts, Name name, const auto& call) {
  for (std::size_t i = 0; i < counts.size(); ++i) call(what, name(i), counts[i]);
}

}  // namespace

void for_each_counter(
    const Counters& c,
    const std::function<void(std::string_view, std::string_view, std::uint64_t)>& call) {
  call("queries", "udp", c.udp_queries);
  call("queries", "tcp", c.tcp_queries);
  call("answered", "", c.answered);
  call("servfail", "", c.servfail);
  call("asks", "", c.asks);
  call("late_answers", "", c.late_answers);
  call("wall_full", "", c.wall_full);
  call("cache", "fresh", c.cache_fresh);
  call("cache", "failed", c.cache_failed);
  call("cache", "stale", c.cache_stale);
  call("cache", "missed", c.cache_missed);
  call("cache", "stored", c.cache_stored);
  call("cache", "refreshed", c.cache_refreshed);
  call("cache_entries", "", c.cache_entries);
  call("cache_octets", "used", c.cache_octets_used);
  call("cache_octets", "all", c.cache_octets_all);
  call("coalesced", "", c.coalesced);
  call("paced", "", c.paced);
  call("verified", "", c.verified);
  call("tcp", "accepted", c.tcp_accepted);
  call("tcp", "evicted", c.tcp_evicted);
  call("tcp", "oversize", c.tcp_oversize);
  call("tcp", "slow", c.tcp_slow);
  call("cut", "", c.cut);
  call("unsent", "", c.unsent);
  const auto reason = [](std::size_t i) {
    return admission::to_string(static_cast<admission::Reason>(i));
  };
  each("refused_udp", c.refused[0], reason, call);
  each("refused_tcp", c.refused[1], reason, call);
  each(
      "rejection", c.rejections,
      [](std::size_t i) { return dns::to_string(static_cast<dns::RejectionKind>(i)); }, call);
  each(
      "reply_fault", c.reply_faults,
      [](std::size_t i) { return dns::to_string(static_cast<dns::ReplyFault>(i)); }, call);
  each(
      "upstream_fault", c.upstream_faults,
      [](std::size_t i) { return to_string(static_cast<UpstreamFault>(i)); }, call);
}

Counters& counters_of(ipc::CounterPage& page) {
  void* memory = page.values.data();
  // A former frontend may have been taken, and may have left anything here: its numbers go on where
  // it said that they are there, names are always ours.
  Counters* const counters = page.magic == ipc::CounterPage::kMagic
                                 ? std::launder(static_cast<Counters*>(memory))
                                 : new (memory) Counters;
  std::uint32_t count = 0;
  for_each_counter(*counters, [&](std::string_view what, std::string_view kind, std::uint64_t) {
    std::string name(what);
    if (!kind.empty()) name.append(".").append(kind);
    name.resize(ipc::kCounterName);
    name.back() = '\0';
    // An honest page stays as it is: somebody may be reading it.
    auto& field = page.names[count++];
    if (std::memcmp(field.data(), name.data(), name.size()) != 0) {
      std::memcpy(field.data(), name.data(), name.size());
    }
  });
  for (std::size_t i = count; i < page.names.size(); ++i) page.names[i] = {};
  page.count = count;
  page.magic = ipc::CounterPage::kMagic;
  return *counters;
}

void log_counters(const Counters& c) {
  log::info("totals", {{"udp", c.udp_queries},
                       {"tcp", c.tcp_queries},
                       {"answered", c.answered},
                       {"cached", c.cache_fresh + c.cache_stale + c.cache_failed},
                       {"servfail", c.servfail},
                       {"asks", c.asks}});
  for_each_counter(c, [](std::string_view what, std::string_view kind, std::uint64_t count) {
    if (count != 0) log::info("counted", {{"what", what}, {"kind", kind}, {"count", count}});
  });
}

}  // namespace dotkeep::frontend
