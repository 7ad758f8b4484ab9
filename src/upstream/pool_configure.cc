// A new table of upstreams, without losing a query.
#include <bit>

#include "upstream/pool.h"

namespace dotkeep::upstream {

void Pool::configure(config::Select select, std::span<const std::uint8_t> kept, Time now) {
  select_ = select;
  last_chosen_ = kNoServer;
  std::array<std::uint8_t, config::kMaxUpstreams> new_numbers;
  new_numbers.fill(kNoServer);
  std::array<Server, config::kMaxUpstreams> old;
  std::swap(old, servers_);
  for (std::uint8_t i = 0; i < kept.size(); ++i) {
    if (kept[i] == kNoServer) continue;
    new_numbers[kept[i]] = i;
    servers_[i] = old[kept[i]];
    servers_[i].waiting = {};
  }
  const std::uint8_t old_count =
      std::exchange(server_count_, static_cast<std::uint8_t>(kept.size()));
  rename_in_queries(new_numbers);
  for (std::size_t i = 0; i < links_top_; ++i) {
    Link& link = *links_[i];
    if (link.number == 0 || link.server == kNoServer) continue;
    link.server = new_numbers[link.server];
    if (link.server != kNoServer) continue;
    if (link.opening()) {
      close(link);
    } else {
      link.stage = Link::Stage::retiring;
    }
  }
  // Those that waited choose again among the new.
  for (std::uint8_t i = 0; i < old_count; ++i) {
    while (!old[i].waiting.empty()) {
      const QueryNumber number = queries_.take_first(old[i].waiting);
      queries_[number].where = Query::Where::placing;
      place(number, now);
    }
  }
  for (std::uint8_t i = 0; i < server_count_; ++i) {
    if (servers_[i].count == 0 && servers_[i].may_open(now)) open(i, now);
  }
}

void Pool::rename_in_queries(std::span<const std::uint8_t> new_numbers) {
  const auto rename_set = [&](std::uint64_t set) {
    std::uint64_t renamed = 0;
    for (; set != 0; set &= set - 1) {
      const std::uint8_t to = new_numbers[static_cast<std::size_t>(std::countr_zero(set))];
      if (to != kNoServer) renamed |= bit(to);
    }
    return renamed;
  };
  const auto rename = [&](std::uint8_t& number) {
    if (number != kNoServer) number = new_numbers[number];
  };
  for (QueryNumber i = 0; i < queries_.capacity(); ++i) {
    Query& query = queries_[i];
    if (query.where == Query::Where::free) continue;
    query.allowed = rename_set(query.allowed);
    if (query.allowed == 0) query.allowed = all_servers();
    query.failed = rename_set(query.failed);
    rename(query.server);
    rename(query.avoid);
    rename(query.fault_server);
  }
}

}  // namespace dotkeep::upstream
