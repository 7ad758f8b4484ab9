#include "admission/admission.h"

#include <algorithm>

#include "admission/rebinding.h"
#include "dns/edns.h"
#include "dns/header.h"
#include "dns/render.h"

namespace dotkeep::admission {
namespace {

// A flood counts as lasting so long after its last excess: attackers pause, too.
constexpr Duration kFloodHold = std::chrono::seconds(10);
// Of a second's worth of limits.unproven_rate, what may be on its way at once while it is exceeded:
// 2 ms of it. An upstream that has to share its processor with a flood carries a tenth of that
// rate: then it is 20 ms, and everybody waits behind it. With 10 ms of it honest clients waited
// for 80.
constexpr std::size_t kUnprovenQueue = 500;

bool within_any(const dns::Name& name, const std::vector<dns::Name>& domains) {
  return std::ranges::any_of(domains, [&](const dns::Name& d) { return name.is_within(d); });
}

// No router carries such a source, so no stranger forges it: who asks on this machine, as
// `dotkeep health` does.
bool is_of_this_machine(const IpAddress& ip) {
  return ip.family == 4 ? ip.octets[0] == 127
                        : ip == IpAddress{6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
}

}  // namespace

// --- the order

Decision Admission::decide(const Asker& asker,
                           const std::expected<dns::Query, dns::Rejection>& message,
                           std::size_t query_size, Time now) {
  Decision decision;
  const auto is = [&decision](Action action, Reason reason = {}) {
    decision.action = action;
    decision.reason = reason;
    return decision;
  };
  // 1. Who: before the message was parsed, by Gate (gate.h).

  // 2. Nothing is ever answered to an answer, nor counted against who it claims to be from.
  if (!message && message.error().silent()) return is(Action::reject);

  // 3. How fast.
  const bool tcp = asker.transport == dns::Transport::tcp;
  decision.cookie = has_good_cookie(asker, message ? message->edns : message.error().edns);
  decision.proven = tcp || decision.cookie;
  if (decision.proven) {
    proven_lately_.note(prefix_of(asker.ip), now);
  } else if (asker.crowded && may_be_forged(asker.ip, false) &&
             !proven_lately_.has(prefix_of(asker.ip), now)) {
    // Something of what comes is lost in any case: not by chance, then, nor what is honest. Who is
    // sent to TCP is known from then on.
    return is(over_load(message.has_value()), Reason::overload);
  }
  if (!is_exempt(asker.ip)) {
    if (const auto over = rate_.query(asker.ip, decision.proven, now)) {
      return is(over_rate(asker, message.has_value()), *over);
    }
    if (!decision.proven && settings_.cookies == Cookies::require_under_attack) {
      count_unverified(now);
      if (flood_lasts(now)) {
        return is(message ? ask_for_cookie(*message, query_size) : Action::silence,
                  Reason::cookie_required);
      }
    }
  }

  // 4. What.
  if (!message) {
    if (message.error().kind != dns::RejectionKind::any_query && !is_exempt(asker.ip)) {
      rate_.error_answer(asker.ip, decision.proven, now);
    }
    return is(Action::reject);
  }
  if (const auto special = special_here(message->question)) {
    decision.special = *special;
    return is(Action::local, Reason::special_name);
  }
  return decision;  // 5. What is pending is bounded where it is kept, after the cache.
}

std::optional<Reason> Admission::decide_miss(const Asker& asker, const dns::Name& name, bool proven,
                                             Time now) {
  // These buckets belong to all who ask: they must not shut out who is no forgery.
  if (!may_be_forged(asker.ip, proven)) return std::nullopt;
  if (rate_.too_many_names(name, now)) return Reason::suffix_rate;
  if (rate_.too_many_unproven(now)) {
    unproven_until_ = now + kFloodHold;
    return Reason::unproven_rate;
  }
  return std::nullopt;
}

bool Admission::may_be_forged(const IpAddress& client, bool proven) const {
  return !proven && !is_of_this_machine(client) && !is_exempt(client);
}

std::size_t Admission::unproven_places(std::size_t all, Time now) const {
  // Half of them, so that who is sent to TCP finds one. In a flood no more than makes a short
  // queue: who waits behind it is honest.
  const std::size_t half = (all + 1) / 2;
  if (now >= unproven_until_) return half;
  return std::clamp<std::size_t>(settings_.unproven_rate / kUnprovenQueue, 1, half);
}

bool Admission::allows_answer(const dns::Name& question, const dns::Reply& reply) const {
  if (!settings_.refuse_rebinding || !has_private_address(reply)) return true;
  return is_routed(question) || within_any(question, settings_.rebinding_except);
}

void Admission::error_answer(const Asker& asker, bool proven, Time now) {
  if (!is_exempt(asker.ip)) rate_.error_answer(asker.ip, proven, now);
}

void Admission::no_such_name(const dns::Name& question, std::optional<Octets> zone, Time now) {
  // Without an SOA, as when the zone's servers cannot keep up, its parent is the best guess.
  rate_.no_such_name(zone ? *zone : question.parent().wire(), now);
}

// --- the questions

std::optional<SpecialName> Admission::special_here(const dns::Question& question) const {
  const auto special = find_special(question.name);
  if (!special) return std::nullopt;
  const bool on = (settings_.special >> static_cast<unsigned>(special->special) & 1) != 0;
  if (!on || is_for_the_parent(question, *special) || is_routed(question.name)) return std::nullopt;
  return special;
}

Admission::Admission(const SharedState& shared, const Settings& settings)
    : rate_(shared.words, shared.table_key, settings),
      cookies_(shared.cookie_key, shared.cookie_secrets),
      proven_lately_(shared.table_key),
      unverified_(shared.unverified),
      flood_until_(shared.flood_until) {
  reconfigure(settings);
}

void Admission::reconfigure(const Settings& settings) {
  settings_ = settings;
  rate_.reconfigure(settings);
  flood_ = Gcra::of(settings.flood, settings.flood);
}

IpAddress Admission::prefix_of(const IpAddress& client) const {
  return client.prefix(client.family == 4 ? settings_.prefix4 : settings_.prefix6);
}

bool Admission::is_exempt(const IpAddress& client) const {
  return std::ranges::any_of(settings_.exempt,
                             [&](const IpPrefix& prefix) { return prefix.contains(client); });
}

bool Admission::is_routed(const dns::Name& name) const {
  return within_any(name, settings_.routed);
}

bool Admission::has_good_cookie(const Asker& asker,
                                const std::optional<dns::ClientEdns>& edns) const {
  return settings_.cookies != Cookies::off && edns && edns->cookie &&
         cookies_.is_ours(*edns->cookie, asker.ip, unix_seconds_);
}

// One word for all frontends. Losing a race loses one count of very many.
void Admission::count_unverified(Time now) {
  const std::uint64_t at = ticks(now);
  std::uint64_t tat = unverified_->load(std::memory_order_relaxed);
  if (flood_.conforms(tat, at)) {
    unverified_->compare_exchange_strong(tat, flood_.after(tat, at), std::memory_order_relaxed);
    return;
  }
  const auto until = static_cast<std::uint64_t>((now + kFloodHold).time_since_epoch().count());
  flood_until_->store(until, std::memory_order_relaxed);
}

// A time that is further away than any that is written here is a taken frontend's.
bool Admission::flood_lasts(Time now) const {
  const auto at = static_cast<std::uint64_t>(now.time_since_epoch().count());
  const std::uint64_t until = flood_until_->load(std::memory_order_relaxed);
  return at < until && until - at <= static_cast<std::uint64_t>(Duration(kFloodHold).count());
}

Action Admission::over_rate(const Asker& asker, bool is_query) {
  if (asker.transport == dns::Transport::tcp) return is_query ? Action::refuse : Action::silence;
  return is_query && rate_.slips() ? Action::truncate : Action::silence;
}

// Whoever is never sent to TCP can never become known, whatever limits.slip is.
Action Admission::over_load(bool is_query) {
  constexpr std::uint32_t kOverloadSlip = 2;
  return is_query && rate_.slips(kOverloadSlip) ? Action::truncate : Action::silence;
}

// A client that knows cookies learns a good one, unless that would be longer than what may have
// been forged.
Action Admission::ask_for_cookie(const dns::Query& query, std::size_t query_size) const {
  constexpr std::size_t kCookieOption = dns::kOptionHeaderSize + kClientCookie + kServerCookie;
  const std::size_t answer =
      dns::kHeaderSize + query.question.name.size() + 4 + dns::kOptSize + kCookieOption;
  const bool fits = query.edns && query.edns->cookie && answer <= query_size;
  return fits ? Action::bad_cookie : Action::truncate;
}

std::optional<dns::Cookie> Admission::cookie_for(const IpAddress& client,
                                                 const dns::Cookie& theirs) const {
  if (settings_.cookies == Cookies::off) return std::nullopt;
  return cookies_.make(theirs, client, unix_seconds_);
}

std::optional<dns::Cookie> Admission::cookie_for(const IpAddress& client,
                                                 const dns::Query& query) const {
  if (!query.edns || !query.edns->cookie) return std::nullopt;
  return cookie_for(client, *query.edns->cookie);
}

dns::Ede explain(Reason reason) {
  using dns::ExtendedError;
  switch (reason) {
    case Reason::client_rate:
      return dns::make_ede(ExtendedError::prohibited, "too many queries");
    case Reason::error_rate:
      return dns::make_ede(ExtendedError::prohibited, "too many queries that end in errors");
    case Reason::network_rate:
      return dns::make_ede(ExtendedError::prohibited, "too many queries of this network");
    case Reason::special_name:
      return dns::make_ede(ExtendedError::synthesized, "special-use name");
    case Reason::waiters_full:
      return dns::make_ede(ExtendedError::other, "too many queries wait for this answer");
    case Reason::client_full:
      return dns::make_ede(ExtendedError::other, "too many queries of this client are pending");
    case Reason::pending_full:
      return dns::make_ede(ExtendedError::other, "too many queries are pending");
    case Reason::rebinding:
      return dns::make_ede(ExtendedError::blocked, "private address in a public answer");
    default:  // who sees nothing of it, or TC alone
      return dns::make_ede(ExtendedError::other, to_string(reason));
  }
}

}  // namespace dotkeep::admission
