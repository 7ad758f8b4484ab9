// The pool's connections: how they come, answer and go.
#include "upstream/pool.h"
#include "upstream/question.h"

namespace dotkeep::upstream {
namespace {

// Whether this id of this connection is the first of a query's two.
bool is_other(const Query& query, const Link& link, std::uint16_t id) {
  return query.hedged && query.other_link == static_cast<std::uint8_t>(link.number) &&
         query.other_id == id;
}

}  // namespace

Link* Pool::find(LinkNumber number) {
  Link* link = links_[number % kMaxLinks].get();
  return number != 0 && link != nullptr && link->number == number ? link : nullptr;
}

bool Pool::has_established(const Server& server) const {
  for (std::uint8_t i = 0; i < server.count; ++i) {
    if (links_[server.links[i]]->stage == Link::Stage::established) return true;
  }
  return false;
}

void Pool::open(std::uint8_t server, Time now) {
  std::size_t place = 0;
  while (place < kMaxLinks && links_[place] != nullptr && links_[place]->number != 0) ++place;
  // All places are taken only while a reload's old connections finish: tick() tries again.
  if (place == kMaxLinks) return;
  if (links_[place] == nullptr) links_[place].reset(new (std::nothrow) Link);
  if (links_[place] == nullptr) return;
  links_top_ = std::max(links_top_, place + 1);
  generation_ = generation_ % 0xffffff + 1;
  Link& link = *links_[place];
  link.begin(generation_ << 8 | static_cast<std::uint32_t>(place), server, now, random_.u64());
  servers_[server].add_link(static_cast<std::uint8_t>(place));
  servers_[server].opening = link.number;
  servers_[server].last_opened = now;
  outside_.connect(link.number, server);
}

void Pool::connector_is_back() {
  for (std::size_t i = 0; i < links_top_; ++i) {
    const Link& link = *links_[i];
    if (link.number == 0 || link.stage != Link::Stage::connecting) continue;
    outside_.connect(link.number, link.server);
  }
}

std::optional<std::uint8_t> Pool::server_of_opening(LinkNumber number) {
  const Link* link = find(number);
  if (link == nullptr || link->stage != Link::Stage::connecting) return std::nullopt;
  return link->server;
}

void Pool::connected(LinkNumber number, Time now) {
  Link* link = find(number);
  if (link == nullptr || link->stage != Link::Stage::connecting) return;
  link->stage = Link::Stage::handshaking;
  link->stage_until = now + kTlsTimeout;
}

void Pool::established(LinkNumber number, const Agreed& agreed, Time now) {
  Link* link = find(number);
  if (link == nullptr || !link->opening()) return;
  link->stage = Link::Stage::established;
  link->last_use = now;
  const std::uint8_t index = link->server;
  Server& server = servers_[index];
  server.opening = 0;
  ++(agreed.resumed ? server.counts.handshakes_resumed : server.counts.handshakes_full);
  if (!agreed.unpinned.empty()) ++server.counts.unpinned;
  server.leaf_not_after = agreed.leaf_not_after;
  server.pin = static_cast<std::uint8_t>(agreed.pin + 1);
  server.backoff.connected();
  server.latency.guess((now - link->opened) / 2);  // at least two round trips were made
  if (server.state != Server::State::up) {
    server.state = Server::State::up;
    server.since = now;
    outside_.went_up(index, agreed, now - link->opened);
  }
  retire_worn(server, now);
  serve_waiting(index, index, now);
  // Whoever waits for another upstream's connection need not, unless that one is to be preferred.
  for (std::uint8_t i = 0; i < server_count_; ++i) {
    const bool preferred = sticky() || servers_[i].tier < server.tier;
    if (!preferred || servers_[i].state == Server::State::down) serve_waiting(i, index, now);
  }
  if (!server.waiting.empty() && server.may_open(now)) open(index, now);
}

// Sends what waits for `from` and may be asked of `to`, while `to` has room.
void Pool::serve_waiting(std::uint8_t from, std::uint8_t to, Time now) {
  QueryList& list = servers_[from].waiting;
  for (QueryNumber number = list.first; number != kNoQuery;) {
    if (best_link(servers_[to]) == nullptr) return;
    const Query& query = queries_[number];
    const QueryNumber next = query.next;
    if ((query.allowed & ~query.failed & bit(to)) != 0) {
      queries_.remove(list, number);
      send_on(number, to, now);
    }
    number = next;
  }
}

void Pool::ended(LinkNumber number, UpstreamFault fault, std::string_view detail, Time now) {
  Link* link = find(number);
  if (link == nullptr) return;
  if (link->opening()) {
    opening_failed(*link, fault, detail, now);
  } else {
    lose(*link, fault, detail, now);
  }
}

void Pool::resumption_failed(LinkNumber number, Time now) {
  Link* link = find(number);
  if (link == nullptr || !link->opening()) return;
  const std::uint8_t index = link->server;
  close(*link);
  if (servers_[index].may_open(now)) open(index, now);
}

void Pool::opening_failed(Link& link, UpstreamFault fault, std::string_view detail, Time now) {
  const std::uint8_t index = link.server;
  const Time opened = link.opened;
  close(link);
  Server& server = servers_[index];
  if (fault == UpstreamFault::connect_time_out && server.opening != 0)
    return;                                  // a later attempt goes on
  if (fault == UpstreamFault::overloaded) {  // our own bound, not the server's doing
    server.not_before = now + kConnectorPause;
    return;
  }
  ++server.counts.opening_failed[static_cast<std::size_t>(fault)];
  blame(index, fault, detail, now);
  const bool again = now - opened < kLastResort && server.may_be_restarting(now);
  QueryList waiting = std::exchange(server.waiting, {});
  for (QueryNumber n = queries_.take_first(waiting); n != kNoQuery;
       n = queries_.take_first(waiting)) {
    Query& query = queries_[n];
    query.where = Query::Where::placing;
    if (again) {
      query.avoid = index;
    } else {
      query.failed |= bit(index);
    }
    query.fault = fault;
    query.fault_server = index;
    place(n, now);
  }
}

// An established connection is gone or given up.
void Pool::lose(Link& link, UpstreamFault fault, std::string_view detail, Time now) {
  const std::uint8_t index = link.server;
  QueryList orphans;
  const auto place = static_cast<std::uint8_t>(link.number);
  link.in_flight.for_each([&](QueryNumber n) {
    Query& query = queries_[n];
    if (!query.hedged) {
      queries_.append(orphans, n);
    } else if (query.other_link == place) {
      query.hedged = false;
    } else {
      keep_other(query);
    }
  });
  const bool silent = fault == UpstreamFault::time_out;
  // A server may close when it likes and one query may be slow; but who never answers, or goes
  // silent time and again, or breaks the protocol, is down however well it shakes hands.
  bool at_fault = fault != UpstreamFault::resources;
  if (fault == UpstreamFault::closed) at_fault = !link.answered && !orphans.empty();
  const bool witnessed = !link.answered && link.unanswered >= kWitnesses;
  close(link);
  if (index != kNoServer) {
    Server& server = servers_[index];
    ++server.counts.lost[static_cast<std::size_t>(fault)];
    if (silent) {
      if (server.silences < 255) ++server.silences;
      server.latency.at_least(kSilence);
      note_pace(index, kSilence, now);
      at_fault = witnessed || server.silences > 1;
    }
    if (at_fault) blame(index, fault, detail, now);
  }
  for (QueryNumber n = queries_.take_first(orphans); n != kNoQuery;
       n = queries_.take_first(orphans)) {
    retry(n, fault, index, now);
  }
}

void Pool::blame(std::uint8_t index, UpstreamFault fault, std::string_view detail, Time now) {
  Server& server = servers_[index];
  server.backoff.fail(now, random_.u64());
  server.failed_at = now;
  if (has_established(server)) return;
  const bool news = server.state != Server::State::down || server.fault != fault;
  if (server.state == Server::State::up) server.fell_at = now;
  if (server.state != Server::State::down) server.since = now;
  server.state = Server::State::down;
  server.slow = false;
  server.fault = fault;
  if (news) outside_.went_down(index, fault, detail);
}

// After `took` was seen. What it is thought of since it was silent does not make it slow.
void Pool::note_pace(std::uint8_t index, Duration took, Time now) {
  Server& server = servers_[index];
  const Duration usual = server.latency.mean();
  const bool slow =
      usual >= (server.slow ? kSlow / 2 : kSlow) && (server.slow || took >= kSlow / 2);
  if (slow == server.slow || server.state != Server::State::up) return;
  if (now - server.since < kPaceHold) return;
  server.slow = slow;
  server.since = now;
  outside_.changed_pace(index, slow, usual);
}

void Pool::close(Link& link) {
  const LinkNumber number = std::exchange(link.number, 0);
  if (link.server != kNoServer) {
    Server& server = servers_[link.server];
    server.remove_link(static_cast<std::uint8_t>(number % kMaxLinks));
    if (server.opening == number) server.opening = 0;
  }
  outside_.close(number);
}

void Pool::received(LinkNumber number, MutableOctets plaintext, Time now) {
  Link* link = find(number);
  if (link == nullptr || link->opening()) return;
  bool strange = false;
  const FrameFault fault = link->frames.feed(plaintext, [&](MutableOctets message) {
    strange = !answered(*link, message, now);
    return !strange;
  });
  if (fault == FrameFault::no_memory) return lose(*link, UpstreamFault::resources, {}, now);
  if (fault == FrameFault::too_short) {
    return lose(*link, UpstreamFault::bad_frames, "a message shorter than a header", now);
  }
  if (strange) {
    return lose(*link, UpstreamFault::bad_frames, "answers to queries that were not asked", now);
  }
  if (link->finished()) return close(*link);
  const std::uint8_t server = link->server;
  if (server != kNoServer && !servers_[server].waiting.empty()) serve_waiting(server, server, now);
}

// Whether no query of ours waits for this message: it is counted and dropped, and the wait goes on.
bool Pool::is_stray(Link& link, std::uint16_t id, Octets message) {
  const auto found = link.in_flight.peek(id);
  if (!found) {
    // Of a server that answers twice each answer is worth one.
    const bool again = link.just_answered.forgive(id);
    ++(again ? strays_.duplicate : strays_.unknown_id);
    if (!again) ++link.strangers;
    return true;
  }
  if (*found == InFlight::kAbandoned) return false;
  const Query& query = queries_[*found];
  if (!asks_another(query.message(), query.padding_at, message)) return false;
  ++strays_.other_question;
  ++link.strangers;
  return true;
}

// One message came. False: it was one stranger too many.
bool Pool::answered(Link& link, MutableOctets message, Time now) {
  const auto id = static_cast<std::uint16_t>(message[0] << 8 | message[1]);
  if (is_stray(link, id, message)) return link.strangers <= kMaxStrangers;
  const auto found = link.in_flight.take(id);
  link.just_answered.note(id);
  link.note_answer(now);
  if (link.server != kNoServer) {
    Server& server = servers_[link.server];
    // What was opened before the failure says nothing of whether another one can be.
    if (link.opened >= server.failed_at) server.backoff.succeed();
    server.silences = 0;
    if (*found != InFlight::kAbandoned) {
      ++server.counts.answers;
      const Query& query = queries_[*found];
      const Duration took = now - (is_other(query, link, id) ? query.other_sent : query.sent);
      server.latency.observe(took);
      note_pace(link.server, took, now);
    }
  }
  if (*found == InFlight::kAbandoned) return true;
  Query& query = queries_[*found];
  if (is_other(query, link, id)) {
    query.hedged = false;
    detach(*found);
  } else {
    if (query.hedged) {
      drop_other(query);
      ++hedges_.won;
    }
    if (query.where == Query::Where::unsent) {  // guessed before it left
      queries_.remove(link.unsent, *found);
    }
  }
  message[0] = static_cast<std::uint8_t>(query.original_id >> 8);
  message[1] = static_cast<std::uint8_t>(query.original_id);
  outside_.answer(query.frontend, {query.ticket, link.server, link.number, message});
  release(*found);
  return true;
}

}  // namespace dotkeep::upstream
