#include "upstream/pool.h"

#include <bit>
#include <tuple>

#include "upstream/question.h"

namespace dotkeep::upstream {

Pool::Pool(Outside& outside, std::uint32_t capacity, Time now)
    : outside_(outside),
      queries_(capacity),
      deadlines_(queries_, now),
      name_key_{random_.u64(), random_.u64()},
      last_ask_(now),
      last_turn_(now) {
  dirty_.reserve(kMaxLinks);
}

void Pool::ask(std::uint8_t frontend, const ipc::Ask& ask, Time now) {
  last_ask_ = now;
  hedge_credit_ = std::min(hedge_credit_ + 1, kHedgeOneIn * kHedgesAtOnce);
  const QueryNumber number = queries_.take();
  if (number == kNoQuery) {
    outside_.fail(frontend, {ask.ticket, kNoServer, UpstreamFault::overloaded});
    return;
  }
  Query& query = queries_[number];
  query.frontend = frontend;
  query.ticket = ask.ticket;
  query.deadline = now + std::chrono::milliseconds(ask.timeout_ms);
  query.padding_at = ask.padding_at;
  query.size = static_cast<std::uint16_t>(ask.query.size());
  std::memcpy(query.octets.data(), ask.query.data(), ask.query.size());
  query.original_id = static_cast<std::uint16_t>(query.octets[0] << 8 | query.octets[1]);
  query.table = ask.table;
  deadlines_.add(number);
  // For the moment of a reload a frontend is behind us, or ahead. What it asks goes to whom it
  // meant or to nobody: a routed name is not for everyone to know.
  if (ask.table == table_) {
    query.allowed = ask.upstreams & all_servers();
  } else if (ask.table == former_table_) {
    query.allowed = renamed(ask.upstreams);
  } else {
    query.allowed = ask.upstreams;
    query.where = Query::Where::held;
    queries_.append(held_, number);
    return;
  }
  place(number, now);
}

void Pool::place(QueryNumber number, Time now) {
  const Query& query = queries_[number];
  const std::uint64_t all = query.allowed & ~query.failed;
  const std::uint64_t others = query.avoid == kNoServer ? all : all & ~bit(query.avoid);
  for (const std::uint64_t servers : {others, all}) {
    if (place_in_tiers(number, servers, now)) return;
  }
  const std::uint64_t dead = down();
  for (const std::uint64_t servers : {others & ~dead, all & ~dead, others, all}) {
    if (const std::uint64_t possible = openable(servers, now); possible != 0) {
      return wait_for(number, pick(possible, query), now);
    }
  }
  if (const std::uint64_t last = last_resort(all, now); last != 0) {
    const std::uint8_t server = pick(last, query);
    wait_for(number, server, now);
    if (servers_[server].opening == 0) open(server, now);
    return;
  }
  park_or_fail(number, now);
}

// Nobody is left: those that may be tried in spite of their back-off.
std::uint64_t Pool::last_resort(std::uint64_t servers, Time now) const {
  std::uint64_t found = 0;
  for (std::uint64_t left = servers; left != 0; left &= left - 1) {
    const auto i = static_cast<std::uint8_t>(std::countr_zero(left));
    if (has_established(servers_[i])) return 0;  // only full
    if (servers_[i].may_open_at_last(now)) found |= bit(i);
  }
  return found;
}

// The best tier that has somebody: with a connection, or, where the name decides who is asked or a
// worse tier would be next, one that need only be connected to.
bool Pool::place_in_tiers(QueryNumber number, std::uint64_t servers, Time now) {
  const Query& query = queries_[number];
  for (std::uint8_t i = 0; i < tier_count_; ++i) {
    const std::uint64_t here = servers & tiers_[i];
    const auto [room, calm] = ready(here);
    std::uint64_t usable = calm != 0 ? calm : room;
    if (sticky() || (room == 0 && tier_count_ > 1)) {
      usable |= openable(here & ~room & ~down() & ~doubtful(now), now);
    }
    if (usable == 0) continue;
    const std::uint8_t server = pick(usable, query);
    if ((room & bit(server)) != 0) {
      send_on(number, server, now);
    } else {
      wait_for(number, server, now);
    }
    return true;
  }
  return false;
}

std::uint64_t Pool::down() const {
  std::uint64_t found = 0;
  for (std::uint8_t i = 0; i < server_count_; ++i) {
    if (servers_[i].state == Server::State::down) found |= bit(i);
  }
  return found;
}

std::uint64_t Pool::doubtful(Time now) const {
  std::uint64_t found = 0;
  for (std::uint8_t i = 0; i < server_count_; ++i) {
    if (servers_[i].is_doubtful(now)) found |= bit(i);
  }
  return found;
}

Pool::Ready Pool::ready(std::uint64_t servers) const {
  Ready found;
  for (std::uint64_t left = servers; left != 0; left &= left - 1) {
    const auto i = static_cast<std::uint8_t>(std::countr_zero(left));
    const Link* const link = best_link(servers_[i]);
    if (link == nullptr) continue;
    found.room |= bit(i);
    if (!link->suspect) found.calm |= bit(i);
  }
  return found;
}

std::uint64_t Pool::openable(std::uint64_t servers, Time now) const {
  std::uint64_t found = 0;
  for (std::uint64_t left = servers; left != 0; left &= left - 1) {
    const auto i = static_cast<std::uint8_t>(std::countr_zero(left));
    if (servers_[i].opening != 0 || servers_[i].may_open(now)) found |= bit(i);
  }
  return found;
}

std::uint8_t Pool::pick(std::uint64_t servers, const Query& query) {
  std::array<Candidate, config::kMaxUpstreams> candidates;
  std::size_t count = 0;
  for (std::uint64_t left = servers; left != 0; left &= left - 1) {
    const auto i = static_cast<std::uint8_t>(std::countr_zero(left));
    candidates[count++] = {i, servers_[i].latency.mean(), servers_[i].weight};
  }
  std::uint64_t draw = 0;
  if (count > 1 && sticky()) {
    draw = siphash(select_ == config::Select::spread ? name_key_ : SipKey{},
                   name_of(query.message(), query.padding_at));
  } else if (count > 1 &&
             (select_ == config::Select::fastest || select_ == config::Select::random)) {
    draw = random_.u64();
  }
  const std::span<const Candidate> all(candidates.data(), count);
  last_chosen_ = all[choose(select_, all, last_chosen_, draw)].server;
  return last_chosen_;
}

// Where a query goes that was sent before. When silence is why, to one that is known to answer.
// There to the emptiest: fewest are ahead of it, so fewest can bring that connection down.
Link* Pool::second_link(const Server& server, const Query& query) const {
  const bool silence = query.hedged || query.fault == UpstreamFault::time_out;
  const auto rank = [silence](const Link& link) {
    return std::tuple(link.suspect, silence && !link.answered, link.in_flight.live());
  };
  Link* best = best_link(server);
  for (std::uint8_t i = 0; best != nullptr && i < server.count; ++i) {
    Link* const link = links_[server.links[i]].get();
    if (link->has_room() && rank(*link) < rank(*best)) best = link;
  }
  return best;
}

Link* Pool::best_link(const Server& server) const {
  Link* best = nullptr;
  for (std::uint8_t i = 0; i < server.count; ++i) {
    Link* const link = links_[server.links[i]].get();
    if (link->has_room() && (best == nullptr || link->goes_before(*best))) best = link;
  }
  return best;
}

void Pool::send_on(QueryNumber number, std::uint8_t server, Time now) {
  Query& query = queries_[number];
  Server& its_server = servers_[server];
  Link& link = *(query.sends == 0 ? best_link(its_server) : second_link(its_server, query));
  query.id = link.in_flight.add(number, random_);
  query.where = Query::Where::unsent;
  query.server = server;
  query.link = static_cast<std::uint8_t>(link.number);
  query.sent = now;
  ++query.sends;
  ++its_server.counts.queries;
  if (!std::exchange(link.dirty, true)) dirty_.push_back(link.number);
  queries_.append(link.unsent, number);
  link.note_sent(now);
  its_server.last_used = now;
  if (link.in_flight.live() >= kSpreadInFlight && its_server.may_open(now)) open(server, now);
}

void Pool::wait_for(QueryNumber number, std::uint8_t server, Time now) {
  Query& query = queries_[number];
  query.where = Query::Where::waiting;
  query.server = server;
  servers_[server].last_used = now;
  queries_.append(servers_[server].waiting, number);
  if (servers_[server].may_open(now)) open(server, now);
}

// No upstream can take it now. Is there one that may be tried again so soon that it is worth a
// wait?
void Pool::park_or_fail(QueryNumber number, Time now) {
  Query& query = queries_[number];
  if (query.allowed == 0) return fail(number, UpstreamFault::reloaded, kNoServer);
  std::uint8_t soonest = kNoServer;
  for (std::uint64_t left = query.allowed & ~query.failed; left != 0; left &= left - 1) {
    const auto i = static_cast<std::uint8_t>(std::countr_zero(left));
    const Server& server = servers_[i];
    if (has_established(server)) return wait_for(number, i, now);  // until it has room again
    if (query.fault_server == kNoServer && server.state == Server::State::down) {
      query.fault = server.fault;
      query.fault_server = i;
    }
    const Time next = server.next_attempt();
    if (next >= std::min(query.deadline, now + kBackoffPatience)) continue;
    if (soonest == kNoServer || next < servers_[soonest].next_attempt()) soonest = i;
  }
  if (soonest == kNoServer) return fail(number, query.fault, query.fault_server);
  wait_for(number, soonest, now);
}

// `server` did not answer it: once more, elsewhere if there is an elsewhere.
void Pool::retry(QueryNumber number, UpstreamFault fault, std::uint8_t server, Time now) {
  Query& query = queries_[number];
  query.where = Query::Where::placing;
  query.avoid = server;
  query.fault = fault;
  query.fault_server = server;
  if (query.sends >= kMaxSends) return fail(number, fault, server);
  place(number, now);
}

void Pool::fail(QueryNumber number, UpstreamFault fault, std::uint8_t server) {
  const Query& query = queries_[number];
  outside_.fail(query.frontend, {query.ticket, server, fault});
  release(number);
}

void Pool::release(QueryNumber number) {
  deadlines_.remove(number);
  queries_.release(number);
}

// Out of wherever it is; its id stays reserved if it has left.
void Pool::detach(QueryNumber number) {
  Query& query = queries_[number];
  if (query.hedged) drop_other(query);
  if (query.where == Query::Where::waiting) {
    queries_.remove(servers_[query.server].waiting, number);
  } else if (query.where == Query::Where::held) {
    queries_.remove(held_, number);
  } else if (query.where == Query::Where::sent) {
    links_[query.link]->in_flight.abandon(query.id);
  } else if (query.where == Query::Where::unsent) {
    Link& link = *links_[query.link];
    queries_.remove(link.unsent, number);
    static_cast<void>(link.in_flight.take(query.id));
    --link.unanswered;
  }
  query.where = Query::Where::placing;
}

void Pool::idle_time(const ipc::IdleTime& told, Time now) {
  Link* link = find(told.connection);
  if (link == nullptr || link->stage != Link::Stage::established) return;
  if (told.units_of_100_ms == 0) {  // RFC 7828 section 3.2.1: close as soon as possible
    link->stage = Link::Stage::retiring;
    link->last_use = now;
    return;
  }
  // We close before the server does, so that no query meets a closing connection.
  const Duration time = told.units_of_100_ms * 100ms;
  link->idle_limit = std::min(time - std::min<Duration>(time / 4, 1s), kIdleMost);
}

void Pool::drop_frontend(std::uint8_t frontend) {
  for (QueryNumber i = 0; i < queries_.capacity(); ++i) {
    const Query& query = queries_[i];
    if (query.where == Query::Where::free || query.frontend != frontend) continue;
    detach(i);
    release(i);
  }
}

}  // namespace dotkeep::upstream
