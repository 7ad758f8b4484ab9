// A new table of upstreams, without losing a query.
#include <bit>

#include "upstream/pool.h"

namespace dotkeep::upstream {

void Pool::configure(config::Select select, std::span<const std::uint8_t> kept, Time now,
                     std::uint32_t table, std::span<const Standing> standings) {
  select_ = select;
  last_chosen_ = kNoServer;
  former_table_ = std::exchange(table_, table);
  new_numbers_.fill(kNoServer);
  std::array<Server, config::kMaxUpstreams> old;
  std::swap(old, servers_);
  const auto count = static_cast<std::uint8_t>(kept.size());  // at most kMaxUpstreams
  for (std::uint8_t i = 0; i < count; ++i) {
    if (kept[i] == kNoServer) continue;
    new_numbers_[kept[i]] = i;
    servers_[i] = old[kept[i]];
    servers_[i].waiting = {};
  }
  const std::uint8_t old_count = std::exchange(server_count_, count);
  set_standings(standings);
  rename_in_queries();
  for (std::size_t i = 0; i < links_top_; ++i) {
    Link& link = *links_[i];
    if (link.number == 0 || link.server == kNoServer) continue;
    link.server = new_numbers_[link.server];
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
  place_held(now);
  for (std::uint8_t i = 0; i < server_count_; ++i) {
    if (servers_[i].count == 0 && servers_[i].may_open(now)) open(i, now);
  }
}

// Tiers in the order of their priorities.
void Pool::set_standings(std::span<const Standing> standings) {
  tier_count_ = 0;
  for (int priority = 0; priority <= 255; ++priority) {
    std::uint64_t members = 0;
    for (std::uint8_t i = 0; i < server_count_; ++i) {
      const Standing standing = i < standings.size() ? standings[i] : Standing{};
      if (standing.priority != priority) continue;
      members |= bit(i);
      servers_[i].weight = standing.weight;
      servers_[i].tier = tier_count_;
    }
    if (members != 0) tiers_[tier_count_++] = members;
  }
}

// A set of the former table's numbers, in those of now.
std::uint64_t Pool::renamed(std::uint64_t servers) const {
  std::uint64_t set = 0;
  for (; servers != 0; servers &= servers - 1) {
    const std::uint8_t to = new_numbers_[static_cast<std::size_t>(std::countr_zero(servers))];
    if (to != kNoServer) set |= bit(to);
  }
  return set;
}

// What came before the configuration that it means. Of another than this one: its asker will know.
void Pool::place_held(Time now) {
  QueryList held = std::exchange(held_, {});
  for (QueryNumber n = queries_.take_first(held); n != kNoQuery; n = queries_.take_first(held)) {
    Query& query = queries_[n];
    query.where = Query::Where::placing;
    query.allowed = query.table == table_ ? query.allowed & all_servers() : 0;
    place(n, now);
  }
}

void Pool::rename_in_queries() {
  const auto rename = [&](std::uint8_t& number) {
    if (number != kNoServer) number = new_numbers_[number];
  };
  for (QueryNumber i = 0; i < queries_.capacity(); ++i) {
    Query& query = queries_[i];
    if (query.where == Query::Where::free || query.where == Query::Where::held) continue;
    query.allowed = renamed(query.allowed);
    query.failed = renamed(query.failed);
    rename(query.server);
    rename(query.other_server);
    rename(query.avoid);
    rename(query.fault_server);
  }
}

}  // namespace dotkeep::upstream
