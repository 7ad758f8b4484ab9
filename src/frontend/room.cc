#include "frontend/room.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/log.h"
#include "config/log_setup.h"
#include "config/memfd.h"
#include "ipc/descriptors.h"
#include "ipc/exit_status.h"

namespace dotkeep::frontend {
namespace {

// Records that may wait for the upstream room: some 2,000 queries, a few milliseconds of them at
// full load.
constexpr std::size_t kWallBacklog = 4;
constexpr Duration kTick = std::chrono::milliseconds(250);
// How long what is in flight may take at the end; SIGTERM promises an end within 2 s.
constexpr Duration kDrainTime = std::chrono::milliseconds(1500);
// And how long the cache may take to be saved beyond that.
constexpr Duration kSaveTime = std::chrono::milliseconds(250);

// The sockets that were given, by their numbers; one that is none has port 0.
std::vector<Listening> look_at_listeners(std::uint32_t count) {
  std::vector<Listening> found(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const int fd = ipc::kFirstListenerFd + static_cast<int>(i);
    int type = 0;
    socklen_t size = sizeof type;
    SocketAddress address;
    socklen_t address_size = sizeof address;
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        ::getsockname(fd, &address.any, &address_size) != 0) {
      log::error("a listener is not a socket", {{"descriptor", fd}});
      continue;
    }
    found[i] = {{address.ip(), address.port()}, type == SOCK_STREAM};
  }
  return found;
}

// Every connection is a descriptor, and those that UDP and the walls need must always be there:
// when the limit is too low for limits.tcp_clients, there are fewer connections.
std::uint32_t tcp_capacity(const config::Config& config, std::uint32_t share,
                           std::uint32_t listeners) {
  constexpr rlim_t kReserved = 32;  // standard streams, walls old and new, the loop's own, a reload
  const std::uint32_t wanted = (config.limits.tcp_clients + share - 1) / share;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const rlim_t others = kReserved + listeners;
  const rlim_t room = limit.rlim_cur > others ? limit.rlim_cur - others : 1;
  if (room >= wanted) return wanted;
  log::warning("fewer TCP connections than limits.tcp_clients: the limit of open files is too low",
               {{"limit", limit.rlim_cur}, {"connections", room}});
  return static_cast<std::uint32_t>(room);
}

admission::SharedState shared_state(ipc::SharedLimits& limits) {
  return {limits.words,
          limits.table_key,
          limits.cookie_key,
          std::span(limits.cookie_secrets)
              .first(std::min<std::size_t>(limits.cookie_secret_count, ipc::kGivenSecrets)),
          &limits.unverified,
          &limits.flood_until};
}

}  // namespace

Room::Room(std::string_view name, const config::Config& config, const Shared& shared,
           std::uint32_t frontends, std::uint32_t listeners)
    : name_(name),
      counters_(&counters_of(*shared.counters)),
      listening_(look_at_listeners(listeners)),
      ledger_(*shared.counters, listening_),
      gate_(make_gate(config, listening_)),
      admission_(shared_state(*shared.limits), admission_settings(config)),
      path_(std::make_unique<DataPath>(config, frontends, admission_, *counters_, *this)),
      tcp_(std::make_unique<TcpServer>(loop_, config, tcp_capacity(config, frontends, listeners),
                                       gate_, *counters_, ledger_,
                                       [this](Octets message, const Client& client) {
                                         return path_->on_query(message, client, loop_.now());
                                       })),
      wall_(loop_, kWallBacklog,
            {[this](Octets record, ipc::Passed& passed) {
               return passed.count == 0 && on_wall_record(record);
             },
             [this](ipc::ChannelEnd how) { on_wall_end(0, how); }}),
      control_(loop_, 1,
               {[this](Octets record, ipc::Passed& passed) {
                  return passed.count == 0 && on_control_record(record);
                },
                [this](ipc::ChannelEnd how) { on_wall_end(1, how); }}),
      orders_(
          loop_, 1,
          {[this](Octets record, ipc::Passed& passed) { return on_orders_record(record, passed); },
           [this](ipc::ChannelEnd) {
             drain();
           }}),  // without a supervisor nobody can replace anyone
      timer_(loop_, [this] { on_timer(); }) {
  path_->set_ledger(&ledger_);
  open_listeners(listeners);
  wall_.open(Fd(ipc::kFirstWallFd));
  control_.open(Fd(ipc::kControlWallFd));
  orders_.open(Fd(ipc::kOrdersFd));
  loop_.at_end_of_turn([this] { end_turn(); });
}

// What a socket is, it said itself: it may have come from the configuration or from systemd.
void Room::open_listeners(std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const Listening& listening = listening_[i];
    if (listening.at.port == 0) continue;
    Fd fd(ipc::kFirstListenerFd + static_cast<int>(i));
    if (listening.tcp) {
      tcp_->add_listener(std::move(fd), {listening.at, static_cast<std::uint16_t>(i)});
      continue;
    }
    const UdpListener::Number number{static_cast<std::uint16_t>(udp_.size()),
                                     static_cast<std::uint16_t>(i)};
    udp_.push_back(std::make_unique<UdpListener>(
        loop_, std::move(fd), number, listening.at.ip.is_unspecified(), *counters_,
        [this, i](Octets message, const Client& client) { on_datagram(message, client, i); }));
  }
}

void Room::on_datagram(Octets message, const Client& client, std::size_t listener) {
  const auto& peer = std::get<UdpPeer>(client.peer);
  const admission::Place& bound = listening_[listener].at;
  const admission::Place to{bound.ip.is_unspecified() ? peer.local : bound.ip, bound.port};
  if (const auto why = gate_.refuses({client.ip, peer.remote.port()}, to, listener)) {
    counters_->refuse(dns::Transport::udp, *why);
    ledger_.refused(listener, *why, client.ip);
    return;
  }
  path_->on_query(message, client, loop_.now());
}

std::size_t Room::memory(std::size_t pending, std::size_t tcp_clients, std::size_t listeners,
                         std::size_t cache) {
  constexpr std::size_t kFixed = 8U << 20;     // walls, scratch, the loop's own
  constexpr std::size_t kPerPending = 2048;    // slot and its share of the client table
  constexpr std::size_t kPerTcpClient = 8192;  // slot, input, watch
  constexpr std::size_t kAnswers = 32U << 20;  // that wait for slow readers, of all connections
  constexpr std::size_t kPerListener = std::size_t{512} * 1024;
  return kFixed + pending * kPerPending + tcp_clients * kPerTcpClient + kAnswers +
         listeners * kPerListener + cache;
}

void Room::keep_cache(std::uint32_t index, std::uint32_t frontends, const config::Config& config) {
  const auto slots = map_cache_slots(index, frontends);
  if (!slots) {
    log::warning("cache.file cannot be used: it is not as it was at the start of dotkeep");
    return;
  }
  cache_purpose_ = [index, frontends](const config::Config& current) {
    return cache_purpose(current, index, frontends);
  };
  keeper_ =
      std::make_unique<CacheKeeper>(loop_, path_->cache(), *slots, cache_purpose_(config),
                                    [this](const dns::Question& question, const dns::Reply& reply) {
                                      return path_->may_load(question, reply);
                                    });
}

// For cookies, which live an hour: a clock that is set takes effect at the next tick.
void Room::tell_time_of_day() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  admission_.set_time_of_day(
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count()));
}

int Room::run(const sandbox::Sealed& sealed) {
  tell_time_of_day();
  for (const auto& udp : udp_) {
    udp->start();
  }
  tcp_->start();
  if (keeper_) keeper_->start();
  timer_.arm(loop_.now() + kTick);
  loop_.run(sealed);
  log_counters(*counters_);
  return status_;
}

// --- the data path's outlet

MutableOctets Room::begin_response(const Client& client) {
  if (const auto* peer = std::get_if<TcpPeer>(&client.peer)) return tcp_->begin(*peer);
  const auto& peer = std::get<UdpPeer>(client.peer);
  return udp_[peer.listener]->begin(peer);
}

void Room::commit_response(const Client& client, std::size_t size) {
  if (const auto* peer = std::get_if<TcpPeer>(&client.peer)) {
    tcp_->commit(*peer, size);
  } else {
    const auto& udp = std::get<UdpPeer>(client.peer);
    udp_[udp.listener]->commit(udp, size);
  }
}

Outlet::Asked Room::ask(const ipc::Ask& ask) {
  if (!wall_.is_open()) return Asked::absent;
  if (!wall_.append(ipc::FrontendToUpstream(ask))) return Asked::full;
  return Asked::sent;
}

bool Room::idle_time(const ipc::IdleTime& idle_time) {
  return wall_.append(ipc::FrontendToUpstream(idle_time));
}

// --- the wall and the supervisor's orders

bool Room::on_wall_record(Octets record) {
  Reader reader(record);
  while (!reader.empty()) {
    const auto message = ipc::decode<ipc::UpstreamToFrontend>(reader);
    if (!message) return false;
    if (const auto* answer = std::get_if<ipc::Answer>(&*message)) {
      path_->on_answer(*answer, loop_.now());
    } else {
      path_->on_failure(std::get<ipc::Failure>(*message), loop_.now());
    }
  }
  return true;
}

// What an operator wants forgotten. One at a time, since each may walk through all of the cache: a
// record of thousands would keep clients waiting for minutes.
bool Room::on_control_record(Octets record) {
  Reader reader(record);
  while (!reader.empty()) {
    const auto message = ipc::decode<ipc::ControlToFrontend>(reader);
    if (!message || !reader.empty()) return false;
    const auto& flush = std::get<ipc::Flush>(*message);
    ipc::Flushed done{flush.request, true, 0};
    cache::Cache& cache = path_->cache();
    if (flush.scope == ipc::Flush::Scope::all) {
      done.entries = cache.flush_all();
    } else if (const auto name = dns::Name::from_text(
                   {reinterpret_cast<const char*>(flush.name.data()), flush.name.size()})) {
      done.entries = cache.flush(name->lower(), flush.scope == ipc::Flush::Scope::suffix);
    } else {
      done.understood = false;
    }
    if (done.understood) path_->on_flush();
    if (keeper_ && done.understood) keeper_->forget();
    // Without room for it the control room says that nothing came.
    static_cast<void>(control_.append(ipc::FrontendToControl(done)));
  }
  return true;
}

void Room::on_wall_end(std::uint32_t wall, ipc::ChannelEnd how) {
  if (how == ipc::ChannelEnd::peer_gone) return;  // a new wall comes with its new process
  log::error("the contract of a wall was broken",
             {{"by", wall == 0 ? "the upstream room" : "the control room"}});
  status_ = ipc::breach_status(wall);
  loop_.stop();
}

bool Room::on_orders_record(Octets record, ipc::Passed& passed) {
  Reader reader(record);
  while (!reader.empty()) {
    const auto order = ipc::decode<ipc::Order>(reader);
    if (!order) return false;
    if (std::holds_alternative<ipc::Ping>(*order)) continue;
    if (std::holds_alternative<ipc::Drain>(*order)) {
      drain();
    } else if (passed.count == 0) {
      return false;
    } else if (const auto* new_wall = std::get_if<ipc::NewWall>(&*order)) {
      if (new_wall->wall > 1) return false;
      (new_wall->wall == 0 ? wall_ : control_).open(std::move(passed.fds[0]));
      if (new_wall->wall == 0) path_->on_new_upstream_room(loop_.now());
    } else {
      reconfigure(std::move(passed.fds[0]));
    }
  }
  return true;
}

void Room::reconfigure(Fd memfd) {
  const auto parsed = config::read_memfd(memfd.get());
  if (!parsed) {
    log::error("new configuration cannot be read");  // the supervisor has checked it: this is a bug
    return;
  }
  config::set_up_log(name_, *parsed);
  gate_ = make_gate(*parsed, listening_);
  admission_.reconfigure(admission_settings(*parsed));
  tcp_->reconfigure(*parsed);
  path_->reconfigure(*parsed, loop_.now());
  if (keeper_) keeper_->set_purpose(cache_purpose_(*parsed));
}

void Room::drain() {
  if (draining_) return;
  draining_ = true;
  drain_deadline_ = loop_.now() + kDrainTime;
  for (const auto& udp : udp_) {
    udp->stop();
  }
  tcp_->stop();
}

// --- the clock

void Room::on_timer() {
  const Time now = loop_.now();
  if (now >= next_tick_) {
    tcp_->tick(now);
    path_->set_keepalive(
        static_cast<std::uint16_t>(tcp_->idle_time() / std::chrono::milliseconds(100)));
    tell_time_of_day();
    const cache::Store& store = path_->cache().store();
    counters_->cache_entries = store.entries();
    counters_->cache_octets_used = store.used();
    counters_->cache_octets_all = store.memory();
    if (Ledger::Summary summary; ledger_.take_summary(now, summary)) log_summary(summary);
    next_tick_ = now + kTick;
  }
  const auto expires = path_->expire(now);
  timer_.arm(std::min(expires.value_or(Time::max()), next_tick_));
}

void Room::end_turn() {
  tcp_->flush();
  for (const auto& udp : udp_) {
    udp->flush();
  }
  wall_.flush();
  control_.flush();
  if (const auto at = path_->next_release()) timer_.arm(*at);
  if (!draining_) return;
  const bool done = path_->pending() == 0 && tcp_->all_sent();
  if (!done && loop_.now() < drain_deadline_) return;
  if (keeper_) keeper_->finish(drain_deadline_ + kSaveTime);
  loop_.stop();
}

}  // namespace dotkeep::frontend
