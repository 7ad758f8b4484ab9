#include "frontend/datapath.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "config/upstream_mark.h"

namespace dotkeep::frontend {
namespace {

// Queries to upstreams for one query of a client, retries included (DESIGN section 5).
constexpr std::uint8_t kMaxAsks = 3;
// Answers to time-outs in one go; more would be a burst that the socket cannot take.
constexpr int kMaxExpiredPerTurn = 256;
// The upstream room gives up this much before us, so that its reason reaches the client.
constexpr Duration kAnswerMargin = std::chrono::milliseconds(100);
// Lines about unacceptable replies: at most one in this time.
constexpr Duration kFaultLineEvery = std::chrono::milliseconds(100);
// What we tell TCP clients that ask how long an idle connection stays (RFC 7828): tcp.cc's idle
// time.
constexpr std::uint16_t kKeepaliveUnits = 100;

dns::Transport transport_of(const Client& client) {
  return client.is_tcp() ? dns::Transport::tcp : dns::Transport::udp;
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

DataPath::DataPath(const config::Config& config, std::uint32_t share, Counters& counters,
                   Outlet& outlet)
    : counters_(&counters),
      outlet_(&outlet),
      routing_(config),
      pending_((config.limits.pending + share - 1) / share),
      clients_((config.limits.pending + share - 1) / share),
      scratch_(dns::make_reply_scratch()) {
  reconfigure(config, Time{});
}

void DataPath::reconfigure(const config::Config& config, Time now) {
  const Duration longer = config.query.timeout - timeout_;
  timeout_ = config.query.timeout;
  pending_per_client_ = config.limits.pending_per_client;
  log_queries_ = config.log.queries;
  upstream_ids_.clear();
  for (const config::Upstream& upstream : config.upstreams) upstream_ids_.push_back(upstream.id);
  routing_ = Routing(config);
  table_ = config::upstream_mark(config);
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

// --- from the client to the upstream room

bool DataPath::on_query(Octets message, const Client& client, Time now) {
  ++(client.is_tcp() ? counters_->tcp_queries : counters_->udp_queries);
  const auto query = dns::parse_query(message);
  if (!query) {
    return reject(query.error(), client, message.size());
  }
  if (log_queries_) log_query(client, query->question);

  if (!clients_.add(client.ip, pending_per_client_)) {
    counters_->refuse(transport_of(client), admission::Reason::client_full);
    refuse(*query, client, "too many queries of this client are pending");
    return true;
  }
  ipc::Ticket ticket = 0;
  PendingQuery* pending = pending_.open(ticket, now + timeout_);
  if (pending == nullptr) {
    clients_.remove(client.ip);
    counters_->refuse(transport_of(client), admission::Reason::pending_full);
    refuse(*query, client, "too many queries are pending");
    return true;
  }
  pending->query = *query;
  pending->client = client;
  pending->asked.id = random_.u16();
  pending->asked.question = {query->question.name.lower(), query->question.type};
  pending->asked.dnssec_ok = query->edns && query->edns->dnssec_ok;
  pending->asked.checking_disabled = query->checking_disabled;
  pending->upstreams = routing_.upstreams_for(pending->asked.question.name);
  if (pending->upstreams == 0) {
    const dns::Ede why =
        dns::make_ede(dns::ExtendedError::no_reachable_authority, "no upstream serves this name");
    fail(ticket, *pending, {&why, 1});
    return true;
  }
  if (!ask(ticket, *pending, now)) {
    const dns::Ede why =
        dns::make_ede(dns::ExtendedError::other, to_string(UpstreamFault::overloaded));
    fail(ticket, *pending, {&why, 1});
  }
  return true;
}

bool DataPath::reject(const dns::Rejection& rejection, const Client& client,
                      std::size_t query_size) {
  ++counters_->rejections[static_cast<std::size_t>(rejection.kind)];
  if (rejection.silent()) return false;
  const MutableOctets out = outlet_->begin_response(client);
  if (out.empty()) return false;
  const std::size_t size = dns::render_rejection(rejection, transport_of(client), query_size, out);
  if (size == 0) return false;
  outlet_->commit_response(client, size);
  return true;
}

void DataPath::refuse(const dns::Query& query, const Client& client, std::string_view why) {
  const MutableOctets out = outlet_->begin_response(client);
  if (out.empty()) return;
  const dns::Ede ede = dns::make_ede(dns::ExtendedError::other, why);
  dns::ResponseOptions options;
  options.transport = transport_of(client);
  options.edes = {&ede, 1};
  outlet_->commit_response(client, dns::render_error(query, dns::Rcode::servfail, options, out));
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
  answer(answered.ticket, *pending, *reply);
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
  fail(failure.ticket, *pending, {&why, 1});
}

// A client chooses what is asked, and so whether the reply is any good: what it can make us write
// has a bound.
void DataPath::log_fault(std::uint8_t upstream, dns::ReplyFault fault, Time now) {
  if (now < next_fault_line_) {
    ++faults_unsaid_;
    return;
  }
  next_fault_line_ = now + kFaultLineEvery;
  log::warning("reply is not acceptable",
               {{"upstream",
                 upstream < upstream_ids_.size() ? upstream_ids_[upstream] : std::string_view("?")},
                {"reason", dns::to_string(fault)},
                {"unsaid_before", std::exchange(faults_unsaid_, 0)}});
}

void DataPath::retry_or_fail(ipc::Ticket ticket, PendingQuery& pending, std::uint8_t upstream,
                             const dns::Ede& why, Time now) {
  if (upstream < config::kMaxUpstreams) pending.tried |= std::uint64_t{1} << upstream;
  const bool another = (pending.upstreams & ~pending.tried) != 0;
  if (another && pending.asks < kMaxAsks && pending.deadline > now && ask(ticket, pending, now))
    return;
  fail(ticket, pending, {&why, 1});
}

void DataPath::fail(ipc::Ticket ticket, PendingQuery& pending, std::span<const dns::Ede> why) {
  ++counters_->servfail;
  const MutableOctets out = outlet_->begin_response(pending.client);
  if (!out.empty()) {
    dns::ResponseOptions options = options_for(pending);
    options.edes = why;
    outlet_->commit_response(pending.client,
                             dns::render_error(pending.query, dns::Rcode::servfail, options, out));
  }
  close(ticket, pending);
}

void DataPath::answer(ipc::Ticket ticket, PendingQuery& pending, const dns::Reply& reply) {
  ++counters_->answered;
  const MutableOctets out = outlet_->begin_response(pending.client);
  if (!out.empty()) {
    outlet_->commit_response(pending.client,
                             dns::render_response(pending.query, reply, options_for(pending), out));
  }
  close(ticket, pending);
}

void DataPath::close(ipc::Ticket ticket, const PendingQuery& pending) {
  clients_.remove(pending.client.ip);
  pending_.close(ticket);
}

dns::ResponseOptions DataPath::options_for(const PendingQuery& pending) const {
  dns::ResponseOptions options;
  if (pending.client.is_tcp()) {
    options.transport = dns::Transport::tcp;
    options.keepalive = kKeepaliveUnits;
  }
  return options;
}

dns::Ede DataPath::explain(dns::ExtendedError code, std::uint8_t upstream,
                           std::string_view what) const {
  if (upstream >= upstream_ids_.size()) return dns::make_ede(code, what);
  return dns::make_ede(code, upstream_ids_[upstream] + ": " + std::string(what));
}

// --- time

void DataPath::on_new_upstream_room(Time now) {
  for (auto ticket = pending_.oldest(); ticket; ticket = pending_.after(*ticket)) {
    PendingQuery& pending = *pending_.find(*ticket);
    // It may have been this query that ended the old room: it does not end one after the other.
    if (pending.asks >= kMaxAsks || (pending.upstreams & ~pending.tried) == 0) continue;
    // What does not fit now is answered at its time-out.
    static_cast<void>(ask(*ticket, pending, now));
  }
}

std::optional<Time> DataPath::expire(Time now) {
  for (int i = 0; i < kMaxExpiredPerTurn; ++i) {
    const auto ticket = pending_.oldest();
    if (!ticket) return std::nullopt;
    PendingQuery& pending = *pending_.find(*ticket);
    if (pending.deadline > now) return pending.deadline;
    const dns::Ede why =
        dns::make_ede(dns::ExtendedError::network_error, to_string(UpstreamFault::time_out));
    fail(*ticket, pending, {&why, 1});
  }
  return now;
}

}  // namespace dotkeep::frontend
