// One query from packet to answer: both directions, to be read from top to bottom in datapath.cc;
// what clients are told stands in datapath_clients.cc, in datapath_admission.cc how they are
// refused, in datapath_faults.cc what becomes of an upstream's failure.
// It decides everything and touches no socket: octets and `now` come in, what is to be sent goes to
// the Outlet.
#pragma once

#include <algorithm>
#include <array>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "admission/admission.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"
#include "cache/cache.h"
#include "config/config.h"
#include "dns/render.h"
#include "dns/reply.h"
#include "frontend/client.h"
#include "frontend/client_counts.h"
#include "frontend/counters.h"
#include "frontend/failure_memory.h"
#include "frontend/ledger.h"
#include "frontend/patience.h"
#include "frontend/pending.h"
#include "frontend/question_index.h"
#include "frontend/refresh_limit.h"
#include "frontend/routing.h"
#include "frontend/waiters.h"
#include "ipc/messages.h"

namespace dotkeep::frontend {

// Where the data path puts what it has decided.
class Outlet {
 public:
  virtual ~Outlet() = default;
  // Memory for one response to `client`, to be committed before the next is begun; empty when the
  // client is gone. The size is what the transport can carry.
  virtual MutableOctets begin_response(const Client& client) = 0;
  virtual void commit_response(const Client& client, std::size_t size) = 0;
  // A message for the upstream room.
  enum class Asked : std::uint8_t {
    sent,
    full,    // it does not keep up
    absent,  // it died; a new one is announced by on_new_upstream_room
  };
  virtual Asked ask(const ipc::Ask& ask) = 0;
  virtual bool idle_time(const ipc::IdleTime& idle_time) = 0;
};

class DataPath {
 public:
  // `share`: how many frontends divide limits.pending and cache.size among them.
  DataPath(const config::Config& config, std::uint32_t share, admission::Admission& admission,
           Counters& counters, Outlet& outlet);

  // True: an answer was given, or will be.
  bool on_query(Octets message, const Client& client, Time now);
  void on_answer(const ipc::Answer& answer, Time now);
  void on_failure(const ipc::Failure& failure, Time now);

  // The upstream room is a new one: ask again for all that its predecessor had, at once or, where
  // it is the last time and the predecessor was soon ended, when the new one has stood for a while.
  void on_new_upstream_room(Time now);
  // Answers what has waited too long; at most a batch at a time. When to come again, if ever.
  std::optional<Time> expire(Time now);
  // When answers that were held back may leave, or questions that are held: expire() lets them.
  [[nodiscard]] std::optional<Time> next_release() const {
    const Time at = held_back_.empty() ? held_until_ : std::min(release_at_, held_until_);
    if (at == Time::max()) return std::nullopt;
    return at;
  }
  void reconfigure(const config::Config& config, Time now);
  // An operator had something forgotten: what is under way may be of before, and is not kept.
  void on_flush() { ++era_; }
  // Where it is noted what became of each query; it outlives the path.
  void set_ledger(Ledger* ledger) { ledger_ = ledger; }
  // What TCP clients that ask are told: how long an idle connection stays (RFC 7828).
  void set_keepalive(std::uint16_t units_of_100_ms) { keepalive_ = units_of_100_ms; }

  // Clients that wait.
  [[nodiscard]] std::size_t pending() const { return waiters_.size(); }
  [[nodiscard]] cache::Cache& cache() { return cache_; }
  // Whether today's upstreams could have answered so, and clients may hear it: for what comes from
  // a file.
  [[nodiscard]] bool may_load(const dns::Question& question, const dns::Reply& reply) const;
  [[nodiscard]] Counters& counters() { return *counters_; }

 private:
  // Whether the cache had something for the client at once.
  bool answer_from_cache(const dns::Query& query, const Client& client, const cache::Key& key,
                         const cache::Found& found, Time now);
  // Admission let it pass: counted.
  void count_admitted(const Client& client, const admission::Decision& decision);
  // What admission decided, carried out. True: an answer was given.
  bool carry_out(const admission::Decision& decision,
                 const std::expected<dns::Query, dns::Rejection>& message, const Client& client,
                 std::size_t query_size);
  void count_refusal(const Client& client, admission::Reason reason);
  bool answer_here(const dns::Query& query, const Client& client,
                   const admission::SpecialName& special);
  bool reject(const dns::Rejection& rejection, const Client& client, std::size_t query_size);
  // An answer without records that says why; counted.
  void refuse(const dns::Query& query, const Client& client, dns::Rcode rcode,
              admission::Reason reason);
  // TC=1 or BADCOOKIE, no longer than the query; counted.
  void turn_away(const dns::Query& query, const Client& client, dns::Rcode rcode,
                 admission::Reason reason);
  // All who wait for `pending` are told so.
  void refuse_all(PendingQuery& pending, admission::Reason reason, Time now);
  // The client waits for the answer, with others or as the first who asks.
  void wait(const dns::Query& query, const Client& client, const cache::Key& key,
            const cache::Found& found, Time now);
  // `not_before`: when it may be asked.
  void refresh(const dns::Question& question, const cache::Key& key, Time not_before, Time now);
  // Of stale data: whether an upstream that could not be reached was heard since, so that a client
  // does better to wait for what is true.
  [[nodiscard]] bool is_back(const dns::Name& name, const cache::Found& found, Time now) const;
  // Whether any of `upstreams` answered anything after `then`.
  [[nodiscard]] bool heard_since(std::uint64_t upstreams, Time then) const;
  // How a time-out is remembered: where nobody was heard meanwhile it says nothing of the question.
  [[nodiscard]] cache::Failing failing_silently(const PendingQuery& pending) const;
  // Enough of a query's time is left to hold it until then.
  [[nodiscard]] bool may_hold(Time until, Time now) const { return until - now <= timeout_ / 2; }
  // Whether the answer may go into the cache.
  [[nodiscard]] bool may_keep(const PendingQuery& pending) const;
  [[nodiscard]] PendingQuery* find_pending(const cache::Key& key, ipc::Ticket& ticket);
  // Null when there is no place for another question.
  [[nodiscard]] PendingQuery* open(const dns::Question& question, const cache::Key& key,
                                   ipc::Ticket& ticket, Time now);
  // Asks for the first time, or fails at once.
  void start(ipc::Ticket ticket, PendingQuery& pending, Time now);
  // It is asked, again or for the first time, at `until`.
  void hold(PendingQuery& pending, Time until);
  // False: the upstream room does not keep up, and the query will not be asked.
  bool ask(ipc::Ticket ticket, PendingQuery& pending, Time now);
  void retry_or_fail(ipc::Ticket ticket, PendingQuery& pending, std::uint8_t upstream,
                     const dns::Ede& why, Time now);
  // This upstream could not answer this question: it is not asked for it again at once.
  void remember_failure(const PendingQuery& pending, std::uint8_t upstream, Time now);
  // `failing`: how the cache is to remember it; nothing: it was no fault of the question's or of an
  // upstream's.
  void fail(ipc::Ticket ticket, PendingQuery& pending, const dns::Ede& why,
            std::optional<cache::Failing> failing, Time now);
  void answer(ipc::Ticket ticket, PendingQuery& pending, const dns::Reply& reply, Time now);
  // What came of a question: one of them is set.
  struct Outcome {
    const cache::Value* value = nullptr;  // to be kept, or a failure
    const dns::Reply* reply = nullptr;    // too large to be kept
    const cache::Found* found = nullptr;  // what the cache has
  };
  // New, and an error or a name that does not exist.
  [[nodiscard]] static bool is_error(const Outcome& outcome);
  // Answers all who wait for `pending`. True: some are held back and will look in the cache; none
  // are unless it `is_kept` there.
  bool release_all(PendingQuery& pending, const Outcome& outcome, bool is_kept, Time now);
  // Those who could be given stale data have waited long enough.
  void lose_patience(Time now);
  // `pending`: what is asked already, or nothing.
  [[nodiscard]] bool has_place_for_doubtful(const PendingQuery* pending, Time now) const;
  // Asks what was held for so long.
  void ask_held(Time now);
  void release_held_back(Time now);
  void tell(const dns::Query& query, const Client& client, const Outcome& outcome, Time now);
  // By how many places the addresses of an answer are moved on.
  [[nodiscard]] std::uint32_t turn_of(const Outcome& outcome);
  void close(ipc::Ticket ticket);
  [[nodiscard]] bool is_public(const PendingQuery& pending, std::uint8_t upstream) const;
  void log_fault(std::uint8_t upstream, dns::ReplyFault fault, Time now);
  [[nodiscard]] dns::ResponseOptions options_for(const dns::Query& query,
                                                 const Client& client) const;
  [[nodiscard]] dns::Ede explain(dns::ExtendedError code, std::uint8_t upstream,
                                 std::string_view what) const;

  admission::Admission* admission_;
  Ledger* ledger_ = nullptr;
  Counters* counters_;
  Outlet* outlet_;
  Duration timeout_{};
  std::uint32_t pending_per_client_ = 0;
  std::uint32_t table_ = 0;  // the mark of our upstreams
  bool log_queries_ = false;
  std::vector<std::string> upstream_ids_;
  Routing routing_;
  std::uint64_t public_upstreams_ = 0;
  std::uint16_t keepalive_ = 100;
  config::Rotate rotate_ = config::Rotate::off;
  std::uint32_t told_ = 0;  // answers that were new
  PendingTable pending_;
  QuestionIndex questions_;  // of what is pending
  Waiters waiters_;
  Waiters::Line held_back_;
  Time release_at_{};  // when the first of them may be answered
  Patience patience_;
  RefreshLimit refresh_limit_;
  ClientCounts clients_;
  cache::Cache cache_;
  cache::Packer packer_;
  std::uint64_t sources_ = 0;  // a mark of who may be asked for what
  std::uint32_t era_ = 0;      // what is asked in an earlier one is answered but not kept
  FailureMemory failures_;
  std::array<Time, config::kMaxUpstreams> heard_;  // when each upstream answered last
  Time room_since_ = Time::min();                  // when the upstream room was started anew
  Time held_until_ = Time::max();                  // when the first that is held may be asked
  dns::ReplyScratchPtr scratch_;
  Random random_;
  Time next_fault_line_ = Time::min();
  std::uint64_t faults_unsaid_ = 0;
};

}  // namespace dotkeep::frontend
