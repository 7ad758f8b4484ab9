#include "frontend/datapath.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "config/upstream_mark.h"
#include "frontend/admission_settings.h"

namespace dotkeep::frontend {
namespace {

// Answers to time-outs in one go; more would be a burst that the socket cannot take.
constexpr int kMaxExpiredPerTurn = 256;
// The upstream room gives up this much before us, so that its reason reaches the client.
constexpr Duration kAnswerMargin = std::chrono::milliseconds(100);
// Clients that wait for one question. More are no clients: a name that many want is in the cache.
constexpr std::uint32_t kMaxWaiters = 4096;

SipKey fresh_key() {
  SipKey key{};
  fill_random({reinterpret_cast<std::uint8_t*>(key.data()), sizeof key});
  return key;
}

// Of all but a time-out, of which failing_silently() knows more.
std::optional<cache::Failing> failing_of(UpstreamFault fault) {
  switch (fault) {
    case UpstreamFault::bad_frames:
      return cache::Failing::question;
    case UpstreamFault::overloaded:
    case UpstreamFault::resources:
    case UpstreamFault::reloaded:
      return std::nullopt;  // it is we who could not
    default:
      return cache::Failing::transport;
  }
}

// The owner of the SOA that came with a denial: the zone where the name is not.
std::optional<Octets> zone_of(const dns::Reply& reply) {
  dns::RecordReader records(reply.packed);
  for (int i = 0; i < reply.answers + reply.authorities; ++i) {
    const auto record = records.next();
    if (!record) return std::nullopt;
    if (i >= reply.answers && record->type == dns::Type::SOA) return record->owner;
  }
  return std::nullopt;
}

void log_query(const Client& client, const dns::Question& question) {
  std::array<char, 1024> name{};
  std::array<char, INET6_ADDRSTRLEN> address{};
  ::inet_ntop(client.ip.family == 4 ? AF_INET : AF_INET6, client.ip.octets.data(), address.data(),
              address.size());
  log::info("query", {{"client", address.data()},
                      {"transport", client.is_tcp() ? "tcp" : "udp"},
                      {"name", question.name.to_text(name)},
                      {"type", static_cast<std::uint16_t>(question.type)}});
}

}  // namespace

DataPath::DataPath(const config::Config& config, std::uint32_t share,
                   admission::Admission& admission, Counters& counters, Outlet& outlet)
    : admission_(&admission),
      counters_(&counters),
      outlet_(&outlet),
      routing_(config),
      pending_((config.limits.pending + share - 1) / share),
      questions_(pending_.capacity()),
      waiters_(pending_.capacity()),
      patience_(pending_.capacity()),
      clients_(pending_.capacity(), client_prefixes(config)),
      cache_(config.cache.size / share, {}, fresh_key()),
      failures_(fresh_key()),
      scratch_(dns::make_reply_scratch()) {
  reconfigure(config, Time{});
}

// --- from the client to the upstream room

bool DataPath::on_query(Octets message, const Client& from, Time now) {
  ++(from.is_tcp() ? counters_->tcp_queries : counters_->udp_queries);
  // Neither this nor the key is zeroed first, some 600 octets: what makes them writes all of them
  // that is ever read.
  __attribute__((uninitialized)) const auto query = dns::parse_query(message);
  if (log_queries_ && query) log_query(from, query->question);

  const admission::Asker asker{from.ip, transport_of(from), from.crowded};
  if (!query) {
    const auto decision = admission_->decide(asker, query, message.size(), now);
    return carry_out(decision, query, from, message.size());
  }
  // Where an answer would be kept is fetched from memory while admission is asked: with tens of
  // thousands of names that is a tenth of what is done here (cache_bench).
  __attribute__((uninitialized)) const cache::Key key(
      query->question, query->edns && query->edns->dnssec_ok, query->checking_disabled);
  const std::uint32_t expected = cache_.expect(key);
  const auto decision = admission_->decide(asker, query, message.size(), now);
  if (decision.action != admission::Action::pass) {
    return carry_out(decision, query, from, message.size());
  }
  count_admitted(from, decision);
  const cache::Found found = cache_.find(key, expected, cache::Moment(now));
  if (!answer_from_cache(*query, from, key, found, now)) {
    ++counters_->cache_missed;
    Client client = from;
    client.proven = decision.proven;
    wait(*query, client, key, found, now);
  }
  return true;
}

void DataPath::wait(const dns::Query& query, const Client& client, const cache::Key& key,
                    const cache::Found& found, Time now) {
  ipc::Ticket ticket = 0;
  PendingQuery* pending = find_pending(key, ticket);
  if (pending != nullptr && pending->waiting.count >= kMaxWaiters) {
    return refuse(query, client, dns::Rcode::servfail, admission::Reason::waiters_full);
  }
  if (const auto why =
          pending != nullptr
              ? std::nullopt
              : admission_->decide_miss({client.ip}, query.question.name, client.proven, now)) {
    return turn_away(query, client, dns::Rcode::noerror, *why);
  }
  const bool doubtful = admission_->may_be_forged(client.ip, client.proven);
  if (doubtful && !has_place_for_doubtful(pending, now)) {
    return turn_away(query, client, dns::Rcode::noerror, admission::Reason::unproven_full);
  }
  if (!clients_.add(client.ip, pending_per_client_)) {
    return refuse(query, client, dns::Rcode::servfail, admission::Reason::client_full);
  }
  const bool first = pending == nullptr;
  if (!waiters_.full() && first) pending = open(query.question, key, ticket, now);
  if (pending == nullptr || waiters_.full()) {
    clients_.remove(client.ip);
    return refuse(query, client, dns::Rcode::servfail, admission::Reason::pending_full);
  }
  waiters_.join(pending->waiting, query, client, doubtful);
  const bool stale_is_near = found.state == cache::State::stale;
  if (stale_is_near && !pending->stale_is_near) {
    pending->stale_is_near = patience_.add(ticket, now + cache::kStalePatience);
  }
  if (!first) {
    ++counters_->coalesced;
  } else if (const Time at = cache::time_of(found.hold); stale_is_near && at > now) {
    hold(*pending, at);
  } else {
    start(ticket, *pending, now);
  }
}

// Half of what there is, of questions and of clients who wait for them, is for those who are no
// forgery: who is sent to TCP finds a place. Few names that nobody answers could else fill it all.
bool DataPath::has_place_for_doubtful(const PendingQuery* pending, Time now) const {
  if (waiters_.doubtful() >= (waiters_.capacity() + 1) / 2) return false;
  if (pending != nullptr) return pending->waiting.doubtful < kMaxWaiters / 2;
  return pending_.size() < admission_->unproven_places(pending_.capacity(), now);
}

void DataPath::start(ipc::Ticket ticket, PendingQuery& pending, Time now) {
  if (pending.upstreams == 0) {
    fail(ticket, pending,
         dns::make_ede(dns::ExtendedError::no_reachable_authority, "no upstream serves this name"),
         std::nullopt, now);
  } else if (!ask(ticket, pending, now)) {
    fail(ticket, pending,
         dns::make_ede(dns::ExtendedError::other, to_string(UpstreamFault::overloaded)),
         std::nullopt, now);
  }
}

bool DataPath::ask(ipc::Ticket ticket, PendingQuery& pending, Time now) {
  const dns::RenderedQuery query = dns::render_upstream_query(pending.asked);
  const Duration left =
      std::max(pending.deadline - now - kAnswerMargin, Duration(kAnswerMargin / 2));
  ipc::Ask ask;
  ask.ticket = ticket;
  ask.upstreams = pending.upstreams & ~pending.tried;
  ask.timeout_ms = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
  ask.padding_at = query.padding_at;
  ask.query = query.message();
  ask.table = pending.table = table_;
  if (pending.asks == 0) pending.since = now;
  switch (outlet_->ask(ask)) {
    case Outlet::Asked::sent:
      ++pending.asks;
      ++counters_->asks;
      return true;
    case Outlet::Asked::absent:
      return true;
    case Outlet::Asked::full:
      break;
  }
  ++counters_->wall_full;
  return false;
}

// --- from the upstream room to the client

void DataPath::on_answer(const ipc::Answer& answered, Time now) {
  if (answered.upstream < heard_.size()) heard_[answered.upstream] = now;
  PendingQuery* pending = pending_.find(answered.ticket);
  if (pending == nullptr) {
    ++counters_->late_answers;
    return;
  }
  const auto reply = dns::check_reply(pending->asked, answered.reply, *scratch_);
  if (!reply) {
    const dns::ReplyFault fault = reply.error();
    ++counters_->reply_faults[static_cast<std::size_t>(fault)];
    const bool honest =
        fault == dns::ReplyFault::upstream_servfail || fault == dns::ReplyFault::upstream_refused;
    const std::span<const dns::Ede> its_own = dns::last_edes(*scratch_);
    dns::Ede why = explain(
        honest ? dns::ExtendedError::no_reachable_authority : dns::ExtendedError::network_error,
        answered.upstream, dns::to_string(fault));
    if (honest && !its_own.empty()) why = its_own.front();
    if (!honest) log_fault(answered.upstream, fault, now);
    retry_or_fail(answered.ticket, *pending, answered.upstream, why, now);
    return;
  }
  if (reply->keepalive) {
    // A lost hint costs at most one connection opened again.
    static_cast<void>(outlet_->idle_time({answered.connection, *reply->keepalive}));
  }
  if (is_public(*pending, answered.upstream) &&
      !admission_->allows_answer(pending->asked.question.name, *reply)) {
    refuse_all(*pending, admission::Reason::rebinding, now);
    close(answered.ticket);
    return;
  }
  answer(answered.ticket, *pending, *reply, now);
}

// The number is the upstream room's word. Of one that may not answer this question, or that a
// reload has taken away, it says nothing: then one public upstream among those that may is enough.
bool DataPath::is_public(const PendingQuery& pending, std::uint8_t upstream) const {
  std::uint64_t which = upstream < config::kMaxUpstreams ? std::uint64_t{1} << upstream : 0;
  which &= pending.upstreams;
  return ((which != 0 ? which : pending.upstreams) & public_upstreams_) != 0;
}

void DataPath::on_failure(const ipc::Failure& failure, Time now) {
  PendingQuery* pending = pending_.find(failure.ticket);
  if (pending == nullptr) {
    ++counters_->late_answers;
    return;
  }
  ++counters_->upstream_faults[static_cast<std::size_t>(failure.fault)];
  const bool never_sent = failure.fault != UpstreamFault::time_out &&
                          failure.fault != UpstreamFault::closed &&
                          failure.fault != UpstreamFault::bad_frames;
  const dns::Ede why = explain(
      never_sent ? dns::ExtendedError::no_reachable_authority : dns::ExtendedError::network_error,
      failure.upstream, to_string(failure.fault));
  if (failure.fault == UpstreamFault::reloaded) {
    // That room has a newer configuration than the one we asked under: by now we have it too, or
    // soon will.
    if (pending->table == table_) {
      pending->orphaned = true;
      return;
    }
    if (pending->upstreams != 0 && pending->asks < kMaxAsks && pending->deadline > now &&
        ask(failure.ticket, *pending, now)) {
      return;
    }
  }
  // Else the upstream room has tried all that it could.
  const auto failing = failure.fault == UpstreamFault::time_out ? failing_silently(*pending)
                                                                : failing_of(failure.fault);
  if (failing == cache::Failing::question) remember_failure(*pending, failure.upstream, now);
  fail(failure.ticket, *pending, why, failing, now);
}

void DataPath::answer(ipc::Ticket ticket, PendingQuery& pending, const dns::Reply& reply,
                      Time now) {
  if (reply.rcode == dns::Rcode::nxdomain) {
    admission_->no_such_name(pending.asked.question.name, zone_of(reply), now);
  }
  const auto packed = packer_.pack(pending.asked.question, reply, cache_.limits());
  const auto value = packed ? cache::Value::view(packed->octets) : std::nullopt;
  const bool is_kept = value && may_keep(pending);
  const bool held_back = release_all(
      pending, value ? Outcome{.value = &*value} : Outcome{.reply = &reply}, is_kept, now);
  if (is_kept) {
    cache_.store(key_of(pending.asked), *packed, cache::seconds_of(now), held_back);
    ++counters_->cache_stored;
  }
  close(ticket);
}

// --- time

std::optional<Time> DataPath::expire(Time now) {
  release_held_back(now);
  lose_patience(now);
  ask_held(now);
  std::optional<Time> next = next_release();
  const auto sooner = [&next](std::optional<Time> at) {
    if (at) next = next ? std::min(*next, *at) : *at;
  };
  sooner(patience_.next());
  for (int i = 0; i < kMaxExpiredPerTurn; ++i) {
    const auto ticket = pending_.oldest();
    if (!ticket) return next;
    PendingQuery& pending = *pending_.find(*ticket);
    if (pending.deadline > now) {
      sooner(pending.deadline);
      return next;
    }
    fail(*ticket, pending,
         dns::make_ede(dns::ExtendedError::network_error, to_string(UpstreamFault::time_out)),
         failing_silently(pending), now);
    sooner(next_release());
  }
  return now;
}

}  // namespace dotkeep::frontend
