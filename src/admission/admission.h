// Who may ask, how fast and what: every query passes decide(), which asks its questions in one
// visible order (admission.cc). It touches no socket and no clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "admission/cookie.h"
#include "admission/proven_lately.h"
#include "admission/rate.h"
#include "admission/reason.h"
#include "admission/settings.h"
#include "dns/query.h"
#include "dns/reply.h"
#include "dns/types.h"

namespace dotkeep::admission {

struct Asker {
  IpAddress ip;
  dns::Transport transport = dns::Transport::udp;
  bool crowded = false;  // more comes its way than is taken in
};

enum class Action : std::uint8_t {
  pass,        // go on: cache, then upstream
  silence,     // UDP over a rate
  truncate,    // TC=1 and nothing: who is not forged comes again over TCP
  bad_cookie,  // BADCOOKIE with a good one (RFC 7873 section 5.2.3)
  refuse,      // REFUSED
  reject,      // what dns::render_rejection() makes of the Rejection
  local,       // what answer_special() says
};

struct Decision {
  Action action = Action::pass;
  Reason reason{};      // of all but `pass` and `reject`
  bool proven = false;  // the source is no forgery: TCP, or a cookie of ours
  bool cookie = false;  // it is a cookie that proved it
  SpecialName special;  // of `local`
};

// What the frontends share.
struct SharedState {
  std::span<RateTable::Word> words;
  SipKey table_key{};
  SipKey cookie_key{};
  std::span<const SipKey> cookie_secrets;
  std::atomic<std::uint64_t>* unverified = nullptr;
  std::atomic<std::uint64_t>* flood_until = nullptr;
};

class Admission {
 public:
  Admission(const SharedState& shared, const Settings& settings);
  void reconfigure(const Settings& settings);

  // The time of day, for cookies; to be told a few times a minute.
  void set_time_of_day(std::uint32_t unix_seconds) { unix_seconds_ = unix_seconds; }

  // `query_size`: octets of the message, which no refusal exceeds.
  [[nodiscard]] Decision decide(const Asker& asker,
                                const std::expected<dns::Query, dns::Rejection>& message,
                                std::size_t query_size, Time now);
  // The cache had nothing for a query that passed, and nobody is being asked: why the client is to
  // be sent to TCP instead, or nothing.
  [[nodiscard]] std::optional<Reason> decide_miss(const Asker& asker, const dns::Name& name,
                                                  bool proven, Time now);
  // Whether it takes TCP or a cookie to tell that a client is who it says: not of this machine's
  // own addresses, which the kernel lets nobody else use, nor of those that the operator exempts.
  [[nodiscard]] bool may_be_forged(const IpAddress& client, bool proven) const;
  // How many of `all` places for pending questions there are for sources that may be forged.
  [[nodiscard]] std::size_t unproven_places(std::size_t all, Time now) const;
  // Whether a client may have these records as the answer to its question.
  [[nodiscard]] bool allows_answer(const dns::Name& question, const dns::Reply& reply) const;

  // The special-use name that a question is about, where the answer is ours and no upstream's.
  [[nodiscard]] std::optional<SpecialName> special_here(const dns::Question& question) const;

  // A query that passed was answered with an error, or with NXDOMAIN.
  void error_answer(const Asker& asker, bool proven, Time now);
  // A question that upstreams were asked had no answer, or a name that does not exist. `zone`: the
  // owner of the SOA that said so.
  void no_such_name(const dns::Name& question, std::optional<Octets> zone, Time now);

  // The COOKIE option for a client that sent `theirs`; nothing when cookies are off.
  [[nodiscard]] std::optional<dns::Cookie> cookie_for(const IpAddress& client,
                                                      const dns::Cookie& theirs) const;
  // The same for an answer to this query.
  [[nodiscard]] std::optional<dns::Cookie> cookie_for(const IpAddress& client,
                                                      const dns::Query& query) const;

  // More queries that may be forged come than Settings::flood, or came a moment ago.
  [[nodiscard]] bool flood_lasts(Time now) const;

 private:
  // A client's prefix, as it is for rates.
  [[nodiscard]] IpAddress prefix_of(const IpAddress& client) const;
  [[nodiscard]] bool is_exempt(const IpAddress& client) const;
  [[nodiscard]] bool is_routed(const dns::Name& name) const;
  [[nodiscard]] bool has_good_cookie(const Asker& asker,
                                     const std::optional<dns::ClientEdns>& edns) const;
  void count_unverified(Time now);
  [[nodiscard]] Action over_rate(const Asker& asker, bool is_query);
  Action over_load(bool is_query);
  [[nodiscard]] Action ask_for_cookie(const dns::Query& query, std::size_t query_size) const;

  Settings settings_;
  RateLimiter rate_;
  CookieJar cookies_;
  ProvenLately proven_lately_;
  Gcra flood_;
  std::atomic<std::uint64_t>* unverified_;
  std::atomic<std::uint64_t>* flood_until_;
  std::uint32_t unix_seconds_ = 0;
  Time unproven_until_ = Time::min();  // too many of them came a moment ago
};

// What a client with EDNS is told beside the RCODE.
[[nodiscard]] dns::Ede explain(Reason reason);

}  // namespace dotkeep::admission
