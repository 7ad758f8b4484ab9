// A second upstream, or a second connection to the same, for queries whose first is slow or
// suspected to be dead.
#include "upstream/pool.h"

namespace dotkeep::upstream {

// Those who were silent too long for their load are passed over from now on.
void Pool::suspect(Time now) {
  if (paused_) return;
  for (std::size_t i = 0; i < links_top_; ++i) {
    Link& link = *links_[i];
    if (link.number == 0 || link.opening() || link.server == kNoServer || link.suspect) continue;
    const Server& server = servers_[link.server];
    if (server_count_ < 2 && server.count < 2) continue;  // nobody to turn to
    link.suspect = link.is_suspect(server.latency, now);
  }
}

void Pool::hedge_slow(Time now) {
  if (paused_ || queries_.taken() == 0) return;
  for (std::size_t i = 0; i < links_top_; ++i) {
    const Link& link = *links_[i];
    if (link.number == 0 || link.opening() || link.server == kNoServer) continue;
    if (link.in_flight.live() == 0 || (server_count_ < 2 && !link.suspect)) continue;
    // `spread` tells a name to one upstream, unless that one fails.
    if (!link.suspect && select_ == config::Select::spread) continue;
    const Duration most = servers_[link.server].latency.most();
    if (!link.suspect && most == Duration{}) continue;  // not known yet
    const Time before = now - (link.suspect ? kHedgeLeast : std::max(kHedgeLeast, most));
    const bool suspected = link.suspect;
    link.in_flight.for_each([&](QueryNumber n) {
      if (queries_[n].sent > before) return;
      if (!suspected && hedge_credit_ < kHedgeOneIn) return;
      if (hedge(n, now) && !suspected) hedge_credit_ -= kHedgeOneIn;
    });
  }
}

// Who waits for a connection that takes too long to open chooses again, where somebody else is
// there.
void Pool::move_waiting(Time now) {
  for (std::uint8_t i = 0; i < server_count_; ++i) {
    if (servers_[i].waiting.empty() || !servers_[i].is_doubtful(now)) continue;
    if (ready(all_servers() & ~bit(i)).calm == 0) continue;
    QueryList waiting = std::exchange(servers_[i].waiting, {});
    for (QueryNumber n = queries_.take_first(waiting); n != kNoQuery;
         n = queries_.take_first(waiting)) {
      queries_[n].where = Query::Where::placing;
      place(n, now);
    }
  }
}

// Asks another upstream as well, or over another connection. False: there is none, or it has been.
bool Pool::hedge(QueryNumber number, Time now) {
  Query& query = queries_[number];
  if (query.hedged || query.where != Query::Where::sent || query.sends >= kMaxSends) return false;
  if (query.server == kNoServer) return false;
  const std::uint64_t others = ready(query.allowed & ~query.failed & ~bit(query.server)).calm;
  std::uint8_t server = query.server;
  if (others != 0) {
    server = pick(others, query);
  } else if (!has_stand_in(*links_[query.link])) {
    return false;
  }
  query.hedged = true;
  query.other_link = query.link;
  query.other_id = query.id;
  query.other_server = query.server;
  query.other_sent = query.sent;
  send_on(number, server, now);
  ++hedges_.asked;
  return true;
}

// A server may starve one connection and serve the next (each belongs to a thread of its own
// there), and what stands between may lose one.
bool Pool::has_stand_in(const Link& silent) const {
  if (!silent.suspect) return false;
  const Server& server = servers_[silent.server];
  for (std::uint8_t i = 0; i < server.count; ++i) {
    if (links_[server.links[i]]->stands_in_for(silent)) return true;
  }
  return false;
}

// Nobody waits for the first one any more.
void Pool::drop_other(Query& query) {
  links_[query.other_link]->in_flight.abandon(query.other_id);
  query.hedged = false;
}

// The second one is lost, the first may still answer.
void Pool::keep_other(Query& query) {
  query.where = Query::Where::sent;
  query.link = query.other_link;
  query.id = query.other_id;
  query.server = query.other_server;
  query.sent = query.other_sent;
  query.hedged = false;
}

}  // namespace dotkeep::upstream
