// What clients are told: from the cache, when an answer comes, and never as a burst.
#include <algorithm>
#include <array>

#include "cache/answer.h"
#include "frontend/datapath.h"

namespace dotkeep::frontend {
namespace {

// Answers that one client is sent over UDP within a millisecond: a batch of sendmmsg. Those from
// the cache do not count, it gets them no faster than it asks. A socket buffer of Linux's default
// size holds some 270.
constexpr std::uint32_t kBurst = 64;
constexpr Duration kPace = std::chrono::milliseconds(1);
// Of those who are held back, how many are looked at in one go.
constexpr std::uint32_t kReleasedPerTurn = 1024;
// Why an answer from the cache is not the best that there could be.
constexpr dns::Ede kStaleAnswer{.code = dns::ExtendedError::stale_answer};
constexpr dns::Ede kStaleNxdomain{.code = dns::ExtendedError::stale_nxdomain};
constexpr dns::Ede kCachedError{.code = dns::ExtendedError::cached_error};

std::uint32_t tick_of(Time now) {
  return static_cast<std::uint32_t>(now.time_since_epoch() / kPace);
}

}  // namespace

bool DataPath::answer_from_cache(const dns::Query& query, const Client& client,
                                 const cache::Key& key, const cache::Found& found, Time now) {
  if (found.state == cache::State::none) return false;
  if (found.state == cache::State::stale) {
    if (!found.at_once || is_back(query.question.name, found, now)) return false;
    tell(query, client, {.found = &found}, now);
    // Upstreams that are gone may be back at any time: as soon as may be, if not now.
    if (found.refresh || found.unreached) {
      refresh(query.question, key, cache::time_of(found.hold), now);
    }
    return true;
  }
  tell(query, client, {.found = &found}, now);
  // A popular answer is refreshed once, by the first who sees that it is due.
  if (found.refresh && cache_.claim_refresh(found)) refresh(query.question, key, now, now);
  return true;
}

void DataPath::tell(const dns::Query& query, const Client& client, const Outcome& outcome,
                    Time now) {
  dns::ResponseOptions options = options_for(query, client);
  if (outcome.found != nullptr) {
    if (outcome.found->state == cache::State::stale) {
      ++counters_->cache_stale;
      options.edes = {cache_.denies(*outcome.found) ? &kStaleNxdomain : &kStaleAnswer, 1};
    } else if (outcome.found->state == cache::State::failed) {
      ++counters_->cache_failed;
      options.edes = {&kCachedError, 1};
    } else {
      ++counters_->cache_fresh;
    }
  } else if (outcome.value != nullptr && outcome.value->rcode == dns::Rcode::servfail) {
    ++counters_->servfail;
  } else {
    ++counters_->answered;
  }
  const MutableOctets out = outlet_->begin_response(client);
  if (out.empty()) return;
  std::size_t size = 0;
  if (outcome.found != nullptr) {
    size = cache_.render(*outcome.found, cache::seconds_of(now), query, options, out,
                         turn_of(outcome));
  } else if (outcome.value != nullptr) {
    size = cache::render_answer(query, *outcome.value, {.turn = turn_of(outcome)}, options, out);
  } else {
    size = dns::render_response(query, *outcome.reply, options, out);
  }
  if (size != 0) outlet_->commit_response(client, size);
}

std::uint32_t DataPath::turn_of(const Outcome& outcome) {
  switch (rotate_) {
    case config::Rotate::off:
      break;
    case config::Rotate::round_robin:
      return outcome.found != nullptr ? cache_.uses(*outcome.found) : told_++;
    case config::Rotate::random:
      return random_.u16();
  }
  return 0;
}

bool DataPath::is_error(const Outcome& outcome) {
  if (outcome.value != nullptr) return outcome.value->rcode != dns::Rcode::noerror;
  return outcome.reply != nullptr && outcome.reply->rcode != dns::Rcode::noerror;
}

bool DataPath::release_all(PendingQuery& pending, const Outcome& outcome, bool is_kept, Time now) {
  bool held_back = false;
  while (!pending.waiting.empty()) {
    const Waiter& waiter = waiters_.first(pending.waiting);
    // Where it is not kept there is nowhere for an answer to wait.
    if (is_kept && cache_.enabled() && !waiter.client.is_tcp() &&
        !clients_.may_answer(waiter.client.ip, tick_of(now), kBurst)) {
      if (held_back_.empty()) release_at_ = now + kPace;
      waiters_.move_first(pending.waiting, held_back_);
      ++counters_->paced;
      held_back = true;
      continue;
    }
    if (is_error(outcome)) {
      admission_->error_answer({waiter.client.ip, transport_of(waiter.client)},
                               waiter.client.proven, now);
    }
    tell(waiter.query, waiter.client, outcome, now);
    clients_.remove(waiter.client.ip);
    waiters_.leave(pending.waiting);
  }
  return held_back;
}

void DataPath::release_held_back(Time now) {
  if (held_back_.empty() || now < release_at_) return;
  release_at_ = now + kPace;
  for (std::uint32_t i = std::min(held_back_.count, kReleasedPerTurn); i > 0; --i) {
    const Waiter& waiter = waiters_.first(held_back_);
    if (!clients_.may_answer(waiter.client.ip, tick_of(now), kBurst)) {
      waiters_.move_first(held_back_, held_back_);
      continue;
    }
    const dns::Query query = waiter.query;
    const Client client = waiter.client;
    clients_.remove(client.ip);
    waiters_.leave(held_back_);
    const cache::Key key(query.question, query.edns && query.edns->dnssec_ok,
                         query.checking_disabled);
    const cache::Found found = cache_.newest(key, cache::seconds_of(now));
    if (found.state != cache::State::none) {
      tell(query, client, {.found = &found}, now);
    } else {
      // It went within milliseconds: a reload, or a cache far too small for what it is asked.
      wait(query, client, key, {}, now);
    }
  }
}

void DataPath::lose_patience(Time now) {
  while (const auto ticket = patience_.take(now)) {
    PendingQuery* const pending = pending_.find(*ticket);
    if (pending == nullptr) continue;
    pending->stale_is_near = false;
    const cache::Key key = key_of(pending->asked);
    cache_.be_impatient(key, cache::seconds_of(now));
    const cache::Found found = cache_.find(key, cache::Moment(now));
    // The question stays in flight: what comes of it is for those who ask next.
    if (found.state == cache::State::stale) release_all(*pending, {.found = &found}, true, now);
  }
}

dns::ResponseOptions DataPath::options_for(const dns::Query& query, const Client& client) const {
  dns::ResponseOptions options;
  options.cookie = admission_->cookie_for(client.ip, query);
  if (client.is_tcp()) {
    options.transport = dns::Transport::tcp;
    options.keepalive = keepalive_;
  }
  return options;
}

}  // namespace dotkeep::frontend
