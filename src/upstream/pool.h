// The pool: which query goes to which upstream on which connection, and what happens when that
// fails. It touches no socket and asks no clock: events come in with their time, effects go out
// through Outside.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/siphash.h"
#include "config/config.h"
#include "upstream/choice.h"
#include "upstream/deadlines.h"
#include "upstream/link.h"
#include "upstream/outside.h"
#include "upstream/queries.h"
#include "upstream/server.h"
#include "upstream/strays.h"

namespace dotkeep::upstream {

class Pool {
 public:
  // Takes the memory for `capacity` queries pending at once.
  Pool(Outside& outside, std::uint32_t capacity, Time now);

  // The table of upstreams, at start and at every reload: `kept[i]` is the number that upstream i
  // had before, kNoServer when it is new; `table` is its mark (ipc::Ask). Connections of those kept
  // stay; others finish what is in flight and close. Opens one connection to each that has none.
  void configure(config::Select select, std::span<const std::uint8_t> kept, Time now,
                 std::uint32_t table = 0, std::span<const Standing> standings = {});

  // --- from a frontend (pool.cc)
  void ask(std::uint8_t frontend, const ipc::Ask& ask, Time now);
  void idle_time(const ipc::IdleTime& told, Time now);
  // Its process is gone: nobody waits for its queries.
  void drop_frontend(std::uint8_t frontend);

  // --- from connections (pool_links.cc). Numbers of connections that are gone are ignored.
  void connected(LinkNumber number, Time now);  // TCP; TLS begins
  void established(LinkNumber number, const Agreed& agreed, Time now);
  // Could not be opened, or ended. `detail`: what was seen, for the log.
  void ended(LinkNumber number, UpstreamFault fault, std::string_view detail, Time now);
  // Its handshake failed and had offered a ticket: once more without, at once and unseen.
  void resumption_failed(LinkNumber number, Time now);
  // Plaintext, in pieces of any size. Message ids are rewritten in place.
  void received(LinkNumber number, MutableOctets plaintext, Time now);
  // There is a connector again: what waited for one is requested again.
  void connector_is_back();

  // --- time (pool_time.cc)
  // Sends what this turn gathered: a write() for each query, then one flush() for each connection.
  void end_of_turn(Time now);
  // Expires, condemns, closes what is idle, opens what is wanted.
  void tick(Time now);
  // When tick() has something to do at the latest.
  [[nodiscard]] Time next_tick(Time now) const;
  // Finish: drained() once nothing is pending or kDrainTime is over.
  void drain(Time now);
  [[nodiscard]] bool drained(Time now) const;
  void close_all();
  // The machine slept: who was down may be up, and an idle connection is not to be trusted.
  void woke_up(Time now);
  // Routes, addresses or links changed: as above, and who is busy is not trusted until it answers.
  // Changes that come again and again are acted upon ever more rarely (limits.h).
  void network_changed(Time now);
  // While the walls are full nothing is read, so silence proves nothing.
  void reading_paused(bool paused, Time now);

  // Replies that were discarded.
  [[nodiscard]] const Strays& strays() const { return strays_; }
  // Queries that were asked of a second upstream while the first had not answered, and how many of
  // them the second answered first.
  struct Hedges {
    std::uint64_t asked = 0;
    std::uint64_t won = 0;
  };
  [[nodiscard]] const Hedges& hedges() const { return hedges_; }
  [[nodiscard]] std::uint32_t pending() const { return queries_.taken(); }
  // For who shows it.
  [[nodiscard]] std::uint8_t servers() const { return server_count_; }
  [[nodiscard]] const Server& server(std::uint8_t number) const { return servers_[number]; }
  // Which upstream a connection that is being asked for is to, while it is.
  [[nodiscard]] std::optional<std::uint8_t> server_of_opening(LinkNumber number);

 private:
  [[nodiscard]] static constexpr std::uint64_t bit(std::uint8_t server) {
    return std::uint64_t{1} << server;
  }
  [[nodiscard]] std::uint64_t all_servers() const {
    return server_count_ == 64 ? ~std::uint64_t{0} : bit(server_count_) - 1;
  }

  // pool.cc
  void place(QueryNumber number, Time now);
  void send_on(QueryNumber number, std::uint8_t server, Time now);
  void wait_for(QueryNumber number, std::uint8_t server, Time now);
  void park_or_fail(QueryNumber number, Time now);
  void retry(QueryNumber number, UpstreamFault fault, std::uint8_t server, Time now);
  void fail(QueryNumber number, UpstreamFault fault, std::uint8_t server);
  void release(QueryNumber number);
  void detach(QueryNumber number);
  struct Ready {
    std::uint64_t room = 0;  // have a connection that can take a query
    std::uint64_t calm = 0;  // of those, have one that is not suspected
  };
  [[nodiscard]] Ready ready(std::uint64_t servers) const;
  [[nodiscard]] std::uint64_t openable(std::uint64_t servers, Time now) const;
  [[nodiscard]] std::uint64_t last_resort(std::uint64_t servers, Time now) const;
  [[nodiscard]] std::uint64_t down() const;
  [[nodiscard]] std::uint64_t doubtful(Time now) const;
  [[nodiscard]] bool sticky() const {
    return select_ == config::Select::hash || select_ == config::Select::spread;
  }
  [[nodiscard]] bool place_in_tiers(QueryNumber number, std::uint64_t servers, Time now);
  [[nodiscard]] std::uint8_t pick(std::uint64_t servers, const Query& query);
  [[nodiscard]] Link* best_link(const Server& server) const;
  [[nodiscard]] Link* second_link(const Server& server, const Query& query) const;

  // pool_links.cc
  [[nodiscard]] Link* find(LinkNumber number);
  void open(std::uint8_t server, Time now);
  void opening_failed(Link& link, UpstreamFault fault, std::string_view detail, Time now);
  void lose(Link& link, UpstreamFault fault, std::string_view detail, Time now);
  void blame(std::uint8_t server, UpstreamFault fault, std::string_view detail, Time now);
  void note_pace(std::uint8_t server, Duration took, Time now);
  void close(Link& link);
  void serve_waiting(std::uint8_t from, std::uint8_t to, Time now);
  [[nodiscard]] bool answered(Link& link, MutableOctets message, Time now);
  [[nodiscard]] bool is_stray(Link& link, std::uint16_t id, Octets message);
  [[nodiscard]] bool has_established(const Server& server) const;

  // pool_time.cc
  void send_unsent(Link& link);
  void expire(Time now);
  void check_links(Time now);
  void forgive_silence(Time now);
  void open_wanted(Time now);

  // pool_network.cc
  void distrust_links(Time now);
  void heed_network(Time now);

  // pool_rotate.cc
  void rotate(Time now);
  struct Use {
    std::uint8_t all = 0;          // connections of one server, in any stage
    std::uint8_t established = 0;  // of these, that take queries
    std::size_t in_flight = 0;     // on the established
  };
  [[nodiscard]] Use use_of(const Server& server) const;
  void retire_worn(const Server& server, Time now);
  [[nodiscard]] bool is_spare(const Link& link) const;

  // pool_hedge.cc
  void suspect(Time now);
  void hedge_slow(Time now);
  void move_waiting(Time now);
  [[nodiscard]] bool hedge(QueryNumber number, Time now);
  [[nodiscard]] bool has_stand_in(const Link& silent) const;
  void drop_other(Query& query);
  void keep_other(Query& query);

  // pool_configure.cc
  void set_standings(std::span<const Standing> standings);
  void rename_in_queries();
  void place_held(Time now);
  [[nodiscard]] std::uint64_t renamed(std::uint64_t servers) const;

  Outside& outside_;
  Random random_;
  Queries queries_;
  Deadlines deadlines_;
  Strays strays_;
  Hedges hedges_;
  std::uint32_t hedge_credit_ = 0;
  SipKey name_key_;                                           // of `spread`
  std::array<std::uint64_t, config::kMaxUpstreams> tiers_{};  // upstreams by priority, best first
  std::uint8_t tier_count_ = 0;
  config::Select select_ = config::Select::fastest;
  std::uint8_t last_chosen_ = kNoServer;
  std::uint8_t server_count_ = 0;
  std::uint32_t table_ = 0;
  std::optional<std::uint32_t> former_table_;
  std::array<std::uint8_t, config::kMaxUpstreams> new_numbers_{};  // by those of the former table
  QueryList held_;
  std::array<Server, config::kMaxUpstreams> servers_;
  std::array<std::unique_ptr<Link>, kMaxLinks> links_;  // made when first needed, then kept
  std::size_t links_top_ = 0;                           // one beyond the highest ever used
  std::uint32_t generation_ = 0;
  std::vector<LinkNumber> dirty_;  // connections that may have unsent queries
  std::array<std::uint8_t, 2 + ipc::kMaxQuery> record_{};
  Time last_ask_;
  Time last_turn_;  // while queries are pending, never long ago
  bool was_pending_ = false;
  bool paused_ = false;
  Time paused_at_;
  Time drain_until_ = Time::max();
  Time network_at_ = Time::max();    // when the changes that came will be acted upon
  Time network_last_ = Time::min();  // when any were
  Duration network_pause_ = kNetworkPause;
};

}  // namespace dotkeep::upstream
