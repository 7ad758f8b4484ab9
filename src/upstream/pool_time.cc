// The pool's time: what leaves at the end of a turn, what runs out, what is opened for warmth.
#include "base/keepalive_patch.h"
#include "upstream/pool.h"

namespace dotkeep::upstream {

void Pool::end_of_turn(Time now) {
  for (std::size_t i = 0; i < dirty_.size(); ++i) {  // a lost connection's queries may add to it
    Link* link = find(dirty_[i]);
    if (link == nullptr) continue;
    link->dirty = false;
    if (link->unsent.empty()) continue;
    const LinkNumber number = link->number;
    send_unsent(*link);
    if (link->unsent.empty()) {
      outside_.flush(number);
    } else {
      lose(*link, UpstreamFault::resources, {}, now);
    }
  }
  dirty_.clear();
  last_turn_ = now;
  was_pending_ = queries_.taken() != 0;
}

// A TLS record for each query; they leave together with the flush. What could not be written stays
// unsent.
void Pool::send_unsent(Link& link) {
  while (!link.unsent.empty()) {
    const Query& query = queries_[link.unsent.first];
    Writer record(record_);
    record.u16(query.size);
    const std::size_t at = record.size();
    record.octets(query.message());
    record.patch_u16(at, query.id);
    if (!link.offered_keepalive) {
      link.offered_keepalive = true;
      offer_keepalive(MutableOctets(record_).subspan(at, query.size), query.padding_at);
    }
    if (!outside_.write(link.number, record.written())) return;
    queries_[queries_.take_first(link.unsent)].where = Query::Where::sent;
  }
}

void Pool::reading_paused(bool paused, Time now) {
  // Only the time of the pause: at full load there is a short one in every turn.
  if (paused_ && !paused) {
    for (std::size_t i = 0; i < links_top_; ++i) {
      links_[i]->silent_since = std::min(now, links_[i]->silent_since + (now - paused_at_));
    }
  }
  if (!paused_ && paused) paused_at_ = now;
  paused_ = paused;
}

// What was not read cannot be held against who sent it.
void Pool::forgive_silence(Time now) {
  for (std::size_t i = 0; i < links_top_; ++i) links_[i]->silent_since = now;
}

void Pool::tick(Time now) {
  // A process that was stopped must not find everybody else silent.
  if (was_pending_ && now - last_turn_ > kStall) forgive_silence(now);
  expire(now);
  heed_network(now);
  check_links(now);
  rotate(now);
  suspect(now);
  hedge_slow(now);
  move_waiting(now);
  open_wanted(now);
}

void Pool::expire(Time now) {
  for (QueryNumber n = deadlines_.take_expired(now); n != kNoQuery;
       n = deadlines_.take_expired(now)) {
    const Query& query = queries_[n];
    // It may have waited for one that is known to be down: then that is the reason.
    UpstreamFault fault = UpstreamFault::time_out;
    if (query.where == Query::Where::waiting &&
        servers_[query.server].state == Server::State::down) {
      fault = servers_[query.server].fault;
    }
    detach(n);
    outside_.fail(query.frontend, {query.ticket, query.server, fault});
    queries_.release(n);
  }
}

void Pool::check_links(Time now) {
  for (std::size_t i = 0; i < links_top_; ++i) {
    Link& link = *links_[i];
    if (link.number == 0) continue;
    if (link.opening()) {
      if (now < link.stage_until) continue;
      opening_failed(link,
                     link.stage == Link::Stage::connecting ? UpstreamFault::connect_time_out
                                                           : UpstreamFault::tls_time_out,
                     {}, now);
      continue;
    }
    const Latency latency = link.server == kNoServer ? Latency{} : servers_[link.server].latency;
    if (link.in_flight.abandoned() >= kMaxAbandoned) link.stage = Link::Stage::retiring;
    if (!paused_ && now >= link.condemned_at(latency)) {
      lose(link, UpstreamFault::time_out, {}, now);
    } else if (link.finished() || now >= link.idle_at(is_spare(link))) {
      close(link);
    }
  }
}

// Connections that nobody waits for yet, and for those whom a wait kept parked.
void Pool::open_wanted(Time now) {
  const bool lively = drain_until_ == Time::max() && now - last_ask_ < kWarmFor;
  std::size_t live = 0;
  for (std::uint8_t i = 0; i < server_count_; ++i) {
    if (servers_[i].count != 0) ++live;
  }
  for (std::uint8_t i = 0; i < server_count_; ++i) {
    const Server& server = servers_[i];
    if (!server.waiting.empty() && server.may_open_at_last(now)) {
      open(i, now);
      continue;
    }
    if (!server.may_open(now)) continue;
    bool wanted = !server.waiting.empty();
    if (lively && server.count == 0) {
      const bool probe = server.state == Server::State::down;
      const bool spare = live < 2;
      const bool warm = now - kWarmFor < server.last_used;
      wanted |= probe || ((spare || warm) && server.last_opened < now - kWarmPause);
    }
    if (wanted) {
      open(i, now);
      ++live;
    }
  }
}

Time Pool::next_tick(Time now) const {
  if (queries_.taken() != 0) return now + kTick;
  Time next = std::min(drain_until_, network_at_);
  for (std::size_t i = 0; i < links_top_; ++i) {
    const Link& link = *links_[i];
    if (link.number == 0) continue;
    if (link.opening()) {
      next = std::min(next, link.stage_until);
    } else {
      const Latency latency = link.server == kNoServer ? Latency{} : servers_[link.server].latency;
      next = std::min(
          {next, link.condemned_at(latency), link.finished() ? now : link.idle_at(is_spare(link))});
    }
  }
  if (drain_until_ == Time::max() && now - last_ask_ < kWarmFor) {
    for (std::uint8_t i = 0; i < server_count_; ++i) {
      const Server& server = servers_[i];
      if (server.count != 0) continue;
      next =
          std::min(next, std::max({server.backoff.until(), server.not_before, now + kWarmPause}));
    }
  }
  return std::max(next,
                  now + kTick);  // nothing is so urgent that it may keep the loop from resting
}

void Pool::drain(Time now) {
  drain_until_ = now + kDrainTime;
}

bool Pool::drained(Time now) const {
  return drain_until_ != Time::max() && (queries_.taken() == 0 || now >= drain_until_);
}

void Pool::close_all() {
  for (std::size_t i = 0; i < links_top_; ++i) {
    if (links_[i]->number != 0) close(*links_[i]);
  }
}

}  // namespace dotkeep::upstream
