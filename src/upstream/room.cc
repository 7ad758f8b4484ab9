#include "upstream/room.h"

#include <ctime>
#include <utility>

#include "base/log.h"
#include "config/upstream_mark.h"
#include "ipc/descriptors.h"

namespace dotkeep::upstream {
namespace {

// Records that may wait for a frontend: some thousands of answers, a few milliseconds at full load.
constexpr std::size_t kFrontendBacklog = 4;
// Requests are few; a second record is for the one that is being filled.
constexpr std::size_t kConnectorBacklog = 2;

}  // namespace

Room::Room(const config::Config& config, const std::shared_ptr<const Trust>& trust,
           std::uint32_t frontends, ipc::UpstreamPage& page)
    : pool_(*this, config.limits.pending, loop_.now()),
      select_(config.query.select),
      mark_(config::upstream_mark(config)),
      table_(make_table(config, trust, &clock_)),
      buffers_(std::make_unique<Connection::Buffers>()),
      connector_(loop_, kConnectorBacklog,
                 {[this](Octets record, ipc::Passed& p) { return on_connector_record(record, p); },
                  [this](ipc::ChannelEnd how) { on_wall_end(std::nullopt, how); }}),
      orders_(loop_, 1,
              {[this](Octets record, ipc::Passed& p) { return on_orders_record(record, p); },
               [this](ipc::ChannelEnd how) {
                 if (how == ipc::ChannelEnd::breach) breach("the supervisor", 1);
                 loop_.stop();  // without a supervisor nobody can replace anyone
               }}),
      timer_(loop_,
             [this] {
               notice_sleep();
               pool_.tick(loop_.now());
               resume_reading();  // patience may have ended
             }),
      publisher_(page) {
  closed_.reserve(kMaxLinks);
  patience_.resize(frontends);
  connector_.open(Fd(ipc::kFirstWallFd));
  orders_.open(Fd(ipc::kOrdersFd));
  while (frontends_.size() < frontends) {
    const auto i = static_cast<std::uint8_t>(frontends_.size());
    frontends_.push_back(std::make_unique<ipc::Channel>(
        loop_, kFrontendBacklog,
        ipc::Channel::Handlers{
            [this, i](Octets record, ipc::Passed& p) { return on_frontend_record(i, record, p); },
            [this, i](ipc::ChannelEnd how) { on_wall_end(i, how); }}));
    frontends_.back()->on_room = [this] { resume_reading(); };
    frontends_.back()->open(Fd(ipc::kFirstWallFd + 1 + i));
  }
  loop_.at_end_of_turn([this] { end_turn(); });
}

std::size_t Room::memory(const config::Config& config, std::size_t trust_octets,
                         std::uint32_t frontends) {
  constexpr std::size_t kFixed = 12U << 20;  // the loop's own, a parse of the largest configuration
  constexpr std::size_t kPerWall = (kFrontendBacklog + 1) * ipc::kMaxRecord + 4096;
  // Ids, an incomplete message, the session and what it has not sent or not read.
  constexpr std::size_t kPerConnection = sizeof(Link) + 65537 + std::size_t{512} * 1024;
  // PEM, parsed anchors; twice, since at a reload the old ones serve on.
  constexpr std::size_t kPerTrustOctet = std::size_t{2} * 8;
  // A reload may name more upstreams than the start did.
  const std::size_t upstreams = std::max<std::size_t>(config.upstreams.size(), 8);
  return kFixed + (2 + frontends) * kPerWall + config.limits.pending * sizeof(Query) +
         upstreams * kMaxConnections * kPerConnection + trust_octets * kPerTrustOctet;
}

int Room::run(const sandbox::Sealed& sealed) {
  const std::vector<std::uint8_t> all_new(table_.size(), kNoServer);
  pool_.configure(select_, all_new, loop_.now(), mark_, standings(table_));
  show_table();
  end_turn();  // the first requests leave before anything is waited for
  loop_.run(sealed);
  log_strays();
  log::info("hedges", {{"all", pool_.hedges().asked}, {"first", pool_.hedges().won}});
  log::info("handshakes", {{"all", handshakes_}, {"resumed", resumed_}, {"failed", not_resumed_}});
  return status_;
}

// In the form of the frontend's counters.
void Room::log_strays() const {
  const auto say = [](std::string_view kind, std::uint64_t count) {
    if (count != 0) log::info("counted", {{"what", "stray"}, {"kind", kind}, {"count", count}});
  };
  say("unknown_id", pool_.strays().unknown_id);
  say("other_question", pool_.strays().other_question);
  say("duplicate", pool_.strays().duplicate);
}

// The monotonic clock stands still while the machine sleeps, the other one does not.
void Room::notice_sleep() {
  constexpr std::int64_t kSleep = 2;  // seconds; less is no sleep that a connection would notice
  timespec awake{};
  timespec both{};
  static_cast<void>(clock_gettime(CLOCK_MONOTONIC, &awake));
  static_cast<void>(clock_gettime(CLOCK_BOOTTIME, &both));
  const std::int64_t slept = both.tv_sec - awake.tv_sec;
  if (slept > slept_ + kSleep) pool_.woke_up(loop_.now());
  slept_ = slept;
}

// --- what the pool asks for

void Room::connect(LinkNumber number, std::uint8_t server) {
  if (find(number) != nullptr) return;  // the connector has answered already
  // A request that is lost with its connector is repeated when there is a new one.
  static_cast<void>(connector_.append(ipc::UpstreamToConnector(ipc::Connect{number, server})));
}

bool Room::write(LinkNumber number, Octets plaintext) {
  Connection* connection = find(number);
  return connection != nullptr && connection->write(plaintext);
}

void Room::flush(LinkNumber number) {
  if (Connection* connection = find(number)) connection->flush();
}

void Room::close(LinkNumber number) {
  Connection* connection = find(number);
  if (connection == nullptr) return;
  connection->close();
  closed_.push_back(std::move(connections_[number % kMaxLinks]));  // it may be the caller
}

// may_read() saw to it that there is room. Where a frontend takes nothing for so long that there is
// none for a failure either, its own deadline tells it.
void Room::answer(std::uint8_t frontend, const ipc::Answer& answer) {
  static_cast<void>(frontends_[frontend]->append(ipc::UpstreamToFrontend(answer)));
}

void Room::fail(std::uint8_t frontend, const ipc::Failure& failure) {
  static_cast<void>(frontends_[frontend]->append(ipc::UpstreamToFrontend(failure)));
}

void Room::went_up(std::uint8_t server, const Agreed& agreed, Duration took) {
  const Entry& entry = *table_[server];
  timespec now{};
  static_cast<void>(clock_gettime(CLOCK_REALTIME, &now));
  log::info("upstream is up",
            {{"id", entry.upstream.id},
             {"address", entry.address},
             {"group", agreed.group},
             {"cipher", agreed.cipher},
             {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()},
             {"resumed", agreed.resumed ? "yes" : "no"},
             {"days_left", (agreed.leaf_not_after - now.tv_sec) / 86400},
             {"pin", agreed.pin + 1}});  // 0: none asked for
}

void Room::went_down(std::uint8_t server, UpstreamFault fault, std::string_view detail) {
  const Entry& entry = *table_[server];
  log::warning("upstream is down",
               {{"id", entry.upstream.id},
                {"address", entry.address},
                {"reason", to_string(fault)},
                {"detail", detail.empty() ? std::string_view("none") : detail}});
}

void Room::changed_pace(std::uint8_t server, bool slow, Duration usual) {
  const Entry& entry = *table_[server];
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(usual).count();
  if (slow) {
    log::warning("upstream is slow",
                 {{"id", entry.upstream.id}, {"address", entry.address}, {"ms", ms}});
  } else {
    log::info("upstream is no longer slow",
              {{"id", entry.upstream.id}, {"address", entry.address}, {"ms", ms}});
  }
}

// --- what connections tell

// By what a server was proven, said when it changes.
void Room::note_proof(const Entry& entry, const Agreed& agreed) {
  if (agreed.undated && !std::exchange(said_undated_, true)) {
    log::warning("dates of certificates do not count yet: the clock may be wrong, a pin matches",
                 {{"id", entry.upstream.id}});
  }
  const int before = std::exchange(entry.pin_seen->pin, agreed.pin);
  if (before == agreed.pin || entry.upstream.pins.empty()) return;
  if (!agreed.unpinned.empty()) {
    log::warning("no pin matches, and the upstream is used all the same",
                 {{"id", entry.upstream.id}, {"seen", agreed.unpinned}});
  } else if (before != PinSeen::kNothing || agreed.pin > 0) {
    log::warning("the upstream has another key than before, or than the first pin",
                 {{"id", entry.upstream.id},
                  {"pin", agreed.pin + 1},
                  {"of", static_cast<std::uint64_t>(entry.upstream.pins.size())}});
  }
}

void Room::tcp_connected(LinkNumber number) {
  pool_.connected(number, loop_.now());
}

void Room::tls_established(LinkNumber number, const Agreed& agreed) {
  ++handshakes_;
  if (agreed.resumed) ++resumed_;
  if (const Connection* connection = find(number)) note_proof(connection->entry(), agreed);
  pool_.established(number, agreed, loop_.now());
}

void Room::plaintext(LinkNumber number, MutableOctets octets) {
  pool_.received(number, octets, loop_.now());
}

void Room::ended(LinkNumber number, UpstreamFault fault, std::string_view detail) {
  if (Connection* connection = find(number); connection != nullptr && connection->resuming()) {
    ++not_resumed_;
    connection->drop_tickets();  // a second failure is the server's
    return pool_.resumption_failed(number, loop_.now());
  }
  pool_.ended(number, fault, detail, loop_.now());
}

Connection* Room::find(LinkNumber number) {
  Connection* connection = connections_[number % kMaxLinks].get();
  return connection != nullptr && connection->number() == number ? connection : nullptr;
}

// One free record at each frontend: a piece of plaintext (16 KiB, and at its front the end of one
// message of 64 KiB) makes less than that.
bool Room::may_read() {
  bool room = true;
  for (std::size_t i = 0; i < frontends_.size(); ++i) {
    ipc::Channel& frontend = *frontends_[i];
    if (frontend.is_open() && !frontend.has_room()) frontend.flush();
    const bool full = frontend.is_open() && !frontend.has_room();
    if (patience_[i].must_wait(full, loop_.now())) room = false;
  }
  if (!room && !paused_) {
    paused_ = true;
    pool_.reading_paused(true, loop_.now());
  }
  return room;
}

void Room::resume_reading() {
  if (!paused_ || !may_read()) return;
  paused_ = false;
  pool_.reading_paused(false, loop_.now());
  for (const auto& connection : connections_) {
    if (connection != nullptr) connection->resume();
  }
}

void Room::show_table() {
  std::vector<Publisher::Name> names;
  for (const auto& entry : table_) names.push_back({entry->upstream.id, entry->address});
  publisher_.configure(names, pool_);
}

void Room::end_turn() {
  const Time now = loop_.now();
  pool_.end_of_turn(now);
  if (pool_.drained(now)) {
    pool_.close_all();
    loop_.stop();
  }
  for (const auto& frontend : frontends_) frontend->flush();
  connector_.flush();
  publisher_.publish(pool_);
  timer_.arm(pool_.next_tick(now));
  closed_.clear();
}

}  // namespace dotkeep::upstream
