// One query from packet to answer: both directions, to be read from top to bottom in datapath.cc.
// It decides everything and touches no socket: octets and `now` come in, what is to be sent goes to
// the Outlet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"
#include "config/config.h"
#include "dns/render.h"
#include "dns/reply.h"
#include "frontend/client.h"
#include "frontend/client_counts.h"
#include "frontend/counters.h"
#include "frontend/pending.h"
#include "frontend/routing.h"
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
  // `share`: how many frontends divide limits.pending among them.
  DataPath(const config::Config& config, std::uint32_t share, Counters& counters, Outlet& outlet);

  // True: an answer was given, or will be.
  bool on_query(Octets message, const Client& client, Time now);
  void on_answer(const ipc::Answer& answer, Time now);
  void on_failure(const ipc::Failure& failure, Time now);

  // The upstream room is a new one: ask again for all that its predecessor had.
  void on_new_upstream_room(Time now);
  // Answers what has waited too long; at most a batch at a time. When to come again, if ever.
  std::optional<Time> expire(Time now);
  void reconfigure(const config::Config& config, Time now);

  [[nodiscard]] std::size_t pending() const { return pending_.size(); }
  [[nodiscard]] Counters& counters() { return *counters_; }

 private:
  bool reject(const dns::Rejection& rejection, const Client& client, std::size_t query_size);
  void refuse(const dns::Query& query, const Client& client, std::string_view why);
  // False: the upstream room does not keep up, and the query will not be asked.
  bool ask(ipc::Ticket ticket, PendingQuery& pending, Time now);
  void retry_or_fail(ipc::Ticket ticket, PendingQuery& pending, std::uint8_t upstream,
                     const dns::Ede& why, Time now);
  void fail(ipc::Ticket ticket, PendingQuery& pending, std::span<const dns::Ede> why);
  void answer(ipc::Ticket ticket, PendingQuery& pending, const dns::Reply& reply);
  void close(ipc::Ticket ticket, const PendingQuery& pending);
  void log_fault(std::uint8_t upstream, dns::ReplyFault fault, Time now);
  [[nodiscard]] dns::ResponseOptions options_for(const PendingQuery& pending) const;
  [[nodiscard]] dns::Ede explain(dns::ExtendedError code, std::uint8_t upstream,
                                 std::string_view what) const;

  Counters* counters_;
  Outlet* outlet_;
  Duration timeout_{};
  std::uint32_t pending_per_client_ = 0;
  std::uint32_t table_ = 0;  // the mark of our upstreams
  bool log_queries_ = false;
  std::vector<std::string> upstream_ids_;
  Routing routing_;
  PendingTable pending_;
  ClientCounts clients_;
  dns::ReplyScratchPtr scratch_;
  Random random_;
  Time next_fault_line_ = Time::min();
  std::uint64_t faults_unsaid_ = 0;
};

}  // namespace dotkeep::frontend
