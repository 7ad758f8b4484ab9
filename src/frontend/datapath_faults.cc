// What upstreams did wrong: said, remembered, tried elsewhere, and in the end told to clients.
#include <bit>
#include <utility>

#include "base/log.h"
#include "frontend/datapath.h"

namespace dotkeep::frontend {
namespace {

// Lines about unacceptable replies: at most one in this time.
constexpr Duration kFaultLineEvery = std::chrono::milliseconds(100);

}  // namespace

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

bool DataPath::heard_since(std::uint64_t upstreams, Time then) const {
  for (; upstreams != 0; upstreams &= upstreams - 1) {
    if (heard_[static_cast<unsigned>(std::countr_zero(upstreams))] > then) return true;
  }
  return false;
}

cache::Failing DataPath::failing_silently(const PendingQuery& pending) const {
  return heard_since(pending.upstreams, pending.since) ? cache::Failing::question
                                                       : cache::Failing::transport;
}

bool DataPath::is_back(const dns::Name& name, const cache::Found& found, Time now) const {
  if (!found.unreached) return false;
  const Time at = cache::time_of(found.hold);
  if (at > now && !may_hold(at, now)) return false;
  return heard_since(routing_.upstreams_for(name), at - std::chrono::seconds(cache::kMinFailure));
}

void DataPath::remember_failure(const PendingQuery& pending, std::uint8_t upstream, Time now) {
  // Under another configuration the number would mean another upstream.
  if (upstream >= upstream_ids_.size() || pending.table != table_) return;
  failures_.failed(key_of(pending.asked).octets(), upstream, cache::Moment(now));
}

void DataPath::retry_or_fail(ipc::Ticket ticket, PendingQuery& pending, std::uint8_t upstream,
                             const dns::Ede& why, Time now) {
  if (upstream < config::kMaxUpstreams) pending.tried |= std::uint64_t{1} << upstream;
  remember_failure(pending, upstream, now);
  const bool another = (pending.upstreams & ~pending.tried) != 0;
  if (another && pending.asks < kMaxAsks && pending.deadline > now && ask(ticket, pending, now))
    return;
  fail(ticket, pending, why, cache::Failing::question, now);
}

void DataPath::fail(ipc::Ticket ticket, PendingQuery& pending, const dns::Ede& why,
                    std::optional<cache::Failing> failing, Time now) {
  if (failing) admission_->no_such_name(pending.asked.question.name, std::nullopt, now);
  const cache::Key key = key_of(pending.asked);
  const cache::Packed failure = packer_.pack_failure({&why, 1});
  const bool is_kept = failing && pending.era == era_;
  if (is_kept) {
    cache_.fail(key, failure, *failing, cache::Moment(now));
  }
  // Clients would rather have what was true than nothing (RFC 8767).
  const cache::Found found = cache_.find(key, cache::Moment(now));
  const bool better = found.state == cache::State::stale || found.state == cache::State::fresh;
  const auto value = cache::Value::view(failure.octets);
  release_all(pending, better ? Outcome{.found = &found} : Outcome{.value = &*value},
              better || is_kept, now);
  close(ticket);
}

dns::Ede DataPath::explain(dns::ExtendedError code, std::uint8_t upstream,
                           std::string_view what) const {
  if (upstream >= upstream_ids_.size()) return dns::make_ede(code, what);
  return dns::make_ede(code, upstream_ids_[upstream] + ": " + std::string(what));
}

}  // namespace dotkeep::frontend
