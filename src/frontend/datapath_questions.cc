// What is pending: how a question is opened, found, asked again and closed, and what a reload and a
// new upstream room do to it.
#include <algorithm>
#include <utility>

#include "config/upstream_mark.h"
#include "frontend/admission_settings.h"
#include "frontend/datapath.h"

namespace dotkeep::frontend {
namespace {

cache::Limits cache_limits(const config::Config& config) {
  const auto whole = [](Duration time) {
    return static_cast<cache::Seconds>(
        std::chrono::duration_cast<std::chrono::seconds>(time).count());
  };
  return {whole(config.cache.min_ttl), whole(config.cache.max_ttl), whole(config.cache.stale)};
}

}  // namespace

bool DataPath::may_keep(const PendingQuery& pending) const {
  // What `dotkeep health` asks: it is to learn whether upstreams answer now.
  const dns::Question& question = pending.asked.question;
  const bool of_health = question.name.is_root() && question.type == dns::Type::NS;
  return cache_.enabled() && pending.era == era_ && !of_health;
}

bool DataPath::may_load(const dns::Question& question, const dns::Reply& reply) const {
  const std::uint64_t upstreams = routing_.upstreams_for(question.name);
  if (upstreams == 0 || admission_->special_here(question)) return false;
  return (upstreams & public_upstreams_) == 0 || admission_->allows_answer(question.name, reply);
}

void DataPath::reconfigure(const config::Config& config, Time now) {
  const Duration longer = config.query.timeout - timeout_;
  timeout_ = config.query.timeout;
  pending_per_client_ = config.limits.pending_per_client;
  log_queries_ = config.log.queries;
  rotate_ = config.cache.rotate;
  upstream_ids_.clear();
  for (const config::Upstream& upstream : config.upstreams) upstream_ids_.push_back(upstream.id);
  // Who answers for a name may have changed: what others said about it is not known any more.
  const std::uint64_t mark = sources_mark(config);
  if (std::exchange(sources_, mark) != mark) {
    ++era_;
    cache_.flush_all();
  }
  routing_ = Routing(config);
  public_upstreams_ = public_upstreams(config);
  table_ = config::upstream_mark(config);
  cache_.set_limits(cache_limits(config));
  failures_.clear();
  heard_.fill(Time::min());
  // What is pending follows: an upstream may have another number now, and a routed name must not
  // reach the one that has its old number. With all deadlines moved alike their order stays.
  for (auto ticket = pending_.oldest(); ticket; ticket = pending_.after(*ticket)) {
    PendingQuery& pending = *pending_.find(*ticket);
    pending.deadline += longer;
    pending.upstreams = routing_.upstreams_for(pending.asked.question.name);
    pending.tried = 0;
    if (!std::exchange(pending.orphaned, false)) continue;
    // With nobody to ask, or no room to, its time-out answers it.
    if (pending.upstreams != 0 && pending.asks < kMaxAsks) {
      static_cast<void>(ask(*ticket, pending, now));
    }
  }
}

void DataPath::refresh(const dns::Question& question, const cache::Key& key, Time not_before,
                       Time now) {
  const bool later = not_before > now;
  if (later && !may_hold(not_before, now)) return;
  ask_held(now);  // what is held may be just this
  ipc::Ticket ticket = 0;
  // Clients that wait go first: half of the places are theirs whatever happens.
  if (find_pending(key, ticket) != nullptr || pending_.size() >= pending_.capacity() / 2) return;
  if (!refresh_limit_.allow(now)) return;
  PendingQuery* const pending = open(question, key, ticket, now);
  if (pending == nullptr) return;
  ++counters_->cache_refreshed;
  if (later) return hold(*pending, not_before);
  start(ticket, *pending, now);
}

PendingQuery* DataPath::find_pending(const cache::Key& key, ipc::Ticket& ticket) {
  const std::uint32_t slot = questions_.find(key.octets(), [&](std::uint32_t at) {
    return std::ranges::equal(key_of(pending_.at(at).asked).octets(), key.octets());
  });
  if (slot == QuestionIndex::kNone) return nullptr;
  ticket = pending_.ticket_of(slot);
  return &pending_.at(slot);
}

PendingQuery* DataPath::open(const dns::Question& question, const cache::Key& key,
                             ipc::Ticket& ticket, Time now) {
  PendingQuery* const pending = pending_.open(ticket, now + timeout_);
  if (pending == nullptr) return nullptr;
  pending->asked.id = random_.u16();
  pending->asked.question = {question.name.lower(), question.type};
  pending->asked.dnssec_ok = key.dnssec_ok();
  pending->asked.checking_disabled = key.checking_disabled();
  pending->upstreams = routing_.upstreams_for(pending->asked.question.name);
  pending->era = era_;
  const std::uint64_t failing =
      failures_.failing(key.octets(), pending->upstreams, cache::Moment(now));
  if (failing != pending->upstreams) pending->tried = failing;
  questions_.add(key.octets(), PendingTable::slot_of(ticket));
  return pending;
}

void DataPath::close(ipc::Ticket ticket) {
  questions_.remove(PendingTable::slot_of(ticket));
  pending_.close(ticket);
}

void DataPath::on_new_upstream_room(Time now) {
  const bool soon = room_since_ != Time::min() && now - room_since_ < kRoomProven;
  room_since_ = now;
  for (auto ticket = pending_.oldest(); ticket; ticket = pending_.after(*ticket)) {
    PendingQuery& pending = *pending_.find(*ticket);
    // It may have been this query that ended the old room: it does not end one after the other.
    if (pending.asks >= kMaxAsks || (pending.upstreams & ~pending.tried) == 0) continue;
    const bool not_yet = pending.asks == 0 && pending.ask_at > now;
    if (not_yet) continue;
    // Who has no time to wait is asked for at once.
    if (soon && pending.asks + 1 == kMaxAsks && pending.deadline - now > 2 * kRoomProven) {
      hold(pending, now + kRoomProven);
      continue;
    }
    pending.ask_at = Time::min();
    // What does not fit now is answered at its time-out.
    static_cast<void>(ask(*ticket, pending, now));
  }
}

void DataPath::hold(PendingQuery& pending, Time until) {
  pending.ask_at = until;
  held_until_ = std::min(held_until_, until);
}

void DataPath::ask_held(Time now) {
  if (held_until_ > now) return;
  held_until_ = Time::max();
  for (auto ticket = pending_.oldest(); ticket; ticket = pending_.after(*ticket)) {
    PendingQuery& pending = *pending_.find(*ticket);
    if (pending.ask_at == Time::min()) continue;
    if (pending.ask_at > now) {
      held_until_ = std::min(held_until_, pending.ask_at);
      continue;
    }
    pending.ask_at = Time::min();
    if (pending.asks < kMaxAsks && (pending.upstreams & ~pending.tried) != 0) {
      static_cast<void>(ask(*ticket, pending, now));
    }
  }
}

}  // namespace dotkeep::frontend
