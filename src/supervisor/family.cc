#include "supervisor/family.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "ipc/codec.h"
#include "ipc/descriptors.h"
#include "policy/texts.h"
#include "supervisor/pass_rights.h"

namespace dotkeep::supervisor {
namespace {

struct Pair {
  Fd a, b;
};

Pair seqpacket_pair() {
  std::array<int, 2> ends = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return {};
  return {Fd(ends[0]), Fd(ends[1])};
}

// Connections go from the connector to the upstream room, and no descriptor any other way: two
// rooms that are both taken cannot lend each other what they hold.
bool is_handed_connections(const Worker& worker, const Worker& by) {
  return worker.room == Room::upstream && by.room == Room::connector;
}

// A program that is not static (sanitizer and coverage builds) asks for its loader by name, which
// an empty root does not have.
#ifdef DOTKEEP_SHARED_LIBRARIES
constexpr bool kIsStatic = false;
#else
constexpr bool kIsStatic = true;
#endif

// As the program's policy says: "dotkeep-frontend" is the room frontend's.
sandbox::Confinement confinement_of(std::string_view program) {
  program.remove_prefix(std::string_view("dotkeep-").size());
  for (const policy::Text& text : policy::texts()) {
    if (text.room == program) {
      return {text.namespaces, text.empty_network, text.empty_root && kIsStatic};
    }
  }
  return {};
}

}  // namespace

Family::Family(Programs programs, std::vector<Listener> listeners, FrontendMemory memory,
               SharedPages pages, ControlSockets control, Fd config, Fd trust, Fd null,
               Fd empty_root, bool namespaces)
    : programs_(std::move(programs)),
      listeners_(std::move(listeners)),
      memory_(std::move(memory)),
      pages_(std::move(pages)),
      control_(std::move(control)),
      frontends_(static_cast<std::uint32_t>(memory_.counters.size())),
      config_(std::move(config)),
      trust_(std::move(trust)),
      null_(std::move(null)),
      empty_root_(std::move(empty_root)),
      namespaces_(namespaces),
      workers_(2 + frontends_) {
  workers_[0].room = Room::upstream;
  workers_[0].name = "upstream";
  workers_[1].room = Room::connector;
  workers_[1].name = "connector";
  for (std::uint32_t i = 0; i < frontends_; ++i) {
    workers_[2 + i].index = i;
    workers_[2 + i].name = fmt::format("frontend[{}]", i);
  }
  if (control_.control || control_.metrics) {
    workers_.emplace_back();
    workers_.back().room = Room::control;
    workers_.back().name = "control";
  }
}

// At the upstream the connector's wall comes first, then the frontends'.
std::uint16_t Family::wall_number(const Worker& worker) {
  return worker.room == Room::connector ? 0 : static_cast<std::uint16_t>(1 + worker.index);
}

Fd Family::wall_to(const Worker& worker, Worker* peer, std::uint16_t number_at_peer) {
  Pair pair = seqpacket_pair();
  if (peer == nullptr || !is_handed_connections(worker, *peer)) take_no_descriptors(pair.a.get());
  if (peer == nullptr || !is_handed_connections(*peer, worker)) take_no_descriptors(pair.b.get());
  if (peer != nullptr && peer->pid != 0 && pair.b) {
    // A peer that cannot be told is dying; it gets a wall again when it is started.
    static_cast<void>(send(*peer, ipc::NewWall{number_at_peer}, {pair.b.get()}));
  }
  return std::move(pair.a);  // of a peer that does not run yet the wall has ended already
}

std::expected<pid_t, int> Family::launch_confined(Launch& what) {
  what.root_fd = empty_root_.get();
  if (!namespaces_) what.confinement = sandbox::Confinement{};
  auto pid = launch(what);
  // Any error: a limit, a policy of the machine, a kernel without. That there is no process to be
  // had at all shows at the second try.
  if (!pid && namespaces_) {
    log::warning("namespaces are not to be had here: the workers share those of the supervisor",
                 {{"error", std::strerror(pid.error())}});
    namespaces_ = false;
    what.confinement = sandbox::Confinement{};
    pid = launch(what);
  }
  return pid;
}

void Family::add_control(Launch& what, std::vector<Fd>& walls) {
  what.program = programs_.control.get();
  const int sockets = (control_.control ? 1 : 0) + (control_.metrics ? 2 : 0);
  what.arguments = {"dotkeep-control", std::to_string(frontends_), std::to_string(sockets)};
  if (control_.control) what.fds.emplace_back(control_.control.get(), ipc::kControlSocketFd);
  if (control_.metrics) what.fds.emplace_back(control_.metrics.get(), ipc::kMetricsSocketFd);
  what.fds.emplace_back(pages_.processes_read.get(), ipc::kProcessPageFd);
  what.fds.emplace_back(pages_.servers_read.get(), ipc::kUpstreamPageFd);
  int next = ipc::kFirstControlWallFd;
  for (std::uint32_t i = 0; i < frontends_; ++i) {
    walls.push_back(wall_to(*control(), &frontend(i), 1));
    what.fds.emplace_back(walls.back().get(), next++);
  }
  for (const Fd& page : pages_.counters_read) what.fds.emplace_back(page.get(), next++);
}

bool Family::start(Worker& worker, Time now) {
  Launch what;
  what.null_fd = null_.get();
  Pair orders = seqpacket_pair();
  std::array<int, 2> pipe_ends = {-1, -1};
  if (!orders.a || ::pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    log::error("cannot start a worker", {{"worker", worker.name}, {"error", std::strerror(errno)}});
    return false;
  }
  Fd unsealed(pipe_ends[0]);
  const Fd until_sealed(pipe_ends[1]);
  // One way: a worker has nothing to say to the supervisor, and now cannot.
  ::shutdown(orders.a.get(), SHUT_RD);
  take_no_descriptors(orders.a.get());
  what.fds = {{config_.get(), ipc::kConfigFd},
              {orders.b.get(), ipc::kOrdersFd},
              {until_sealed.get(), ipc::kUnsealedFd}};

  std::vector<Fd> walls;
  int next = ipc::kFirstWallFd;
  const auto add_wall = [&](Worker* peer, std::uint16_t number_at_peer) {
    walls.push_back(wall_to(worker, peer, number_at_peer));
    what.fds.emplace_back(walls.back().get(), next++);
  };
  if (worker.room == Room::upstream) {
    what.program = programs_.upstream.get();
    what.arguments = {"dotkeep-upstream", std::to_string(frontends_)};
    what.fds.emplace_back(trust_.get(), ipc::kTrustFd);
    what.fds.emplace_back(pages_.servers.get(), ipc::kServersFd);
    for (std::size_t i = 1; i < 2 + frontends_; ++i) add_wall(&workers_[i], 0);
  } else if (worker.room == Room::control) {
    add_control(what, walls);
  } else {
    add_wall(&upstream(), wall_number(worker));
  }
  if (worker.room == Room::connector) {
    what.program = programs_.connector.get();
    what.arguments = {"dotkeep-connector", network_ ? "1" : "0"};
    if (network_) what.fds.emplace_back(network_.get(), ipc::kNetworkFd);
  } else if (worker.room == Room::frontend) {
    what.program = programs_.frontend.get();
    what.arguments = {"dotkeep-frontend", std::to_string(worker.index), std::to_string(frontends_),
                      std::to_string(listeners_.size()), memory_.cache_file ? "1" : "0"};
    what.fds.emplace_back(memory_.limits.get(), ipc::kLimitsFd);
    what.fds.emplace_back(memory_.counters[worker.index].get(), ipc::kCountersFd);
    if (memory_.cache_file) what.fds.emplace_back(memory_.cache_file.get(), ipc::kCacheFileFd);
    next = ipc::kControlWallFd;
    add_wall(control(), static_cast<std::uint16_t>(worker.index));
    next = ipc::kFirstListenerFd;
    for (const Listener& listener : listeners_)
      what.fds.emplace_back(listener.socket_of(worker.index), next++);
  }
  what.confinement = confinement_of(what.arguments.front());
  const auto pid = launch_confined(what);
  if (!pid) {
    log::error("cannot start a worker",
               {{"worker", worker.name}, {"error", std::strerror(pid.error())}});
    return false;
  }
  worker.pid = *pid;
  worker.orders = std::move(orders.a);
  worker.unsealed = std::move(unsealed);
  worker.sealed = false;
  worker.sealed_at = Time::max();
  worker.started = now;
  worker.heeded = now;
  worker.told_to_end = false;
  return true;
}

Worker* Family::across(const Worker& worker, std::uint32_t wall) {
  switch (worker.room) {
    case Room::upstream:
      return wall < 1 + frontends_ ? &workers_[1 + wall] : nullptr;
    case Room::control:
      return wall < frontends_ ? &frontend(wall) : nullptr;
    case Room::frontend:
      if (wall == 1) return control();
      break;
    case Room::connector:
      break;
  }
  return wall == 0 ? &upstream() : nullptr;
}

Worker* Family::buried(pid_t pid) {
  for (Worker& worker : workers_) {
    if (worker.pid != pid) continue;
    worker.pid = 0;
    worker.orders.reset();
    worker.unsealed.reset();
    worker.sealed = false;
    return &worker;
  }
  return nullptr;
}

bool Family::send(const Worker& to, const ipc::Order& order, std::vector<int> fds) {
  std::array<std::uint8_t, 64> octets{};
  Writer writer(octets);
  if (!to.orders || !ipc::encode(order, writer)) return false;
  iovec vector{octets.data(), writer.size()};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(int) * ipc::kMaxPassed)> control{};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    const std::size_t size = sizeof(int) * fds.size();
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(size);
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(c), fds.data(), size);
  }
  return ::sendmsg(to.orders.get(), &header, MSG_NOSIGNAL) >= 0;
}

std::optional<Time> Family::ping(Worker& worker, Time now) {
  int unread = 0;
  if (::ioctl(worker.orders.get(), SIOCOUTQ, &unread) == 0 && unread > 0) return worker.heeded;
  worker.heeded = now;
  static_cast<void>(send(worker, ipc::Ping{}, {}));
  return std::nullopt;
}

void Family::reconfigure(Fd config, Fd trust) {
  config_ = std::move(config);
  trust_ = std::move(trust);
  // The connector before the upstream room: whoever asks it for a new upstream's number finds it
  // told to make way. The upstream room before the frontends: it can translate for who is behind.
  for (const std::size_t first : {std::size_t{1}, std::size_t{0}}) tell_of_config(workers_[first]);
  for (std::size_t i = 2; i < workers_.size(); ++i) tell_of_config(workers_[i]);
}

void Family::tell_of_config(Worker& worker) {
  if (worker.pid == 0) return;
  if (worker.room == Room::connector || worker.room == Room::control) worker.told_to_end = true;
  std::vector<int> fds = {config_.get()};
  if (worker.room == Room::upstream) fds.push_back(trust_.get());
  if (!send(worker, ipc::NewConfig{}, fds)) {
    log::warning("a worker could not be told of the new configuration", {{"worker", worker.name}});
  }
}

void Family::drain(Room room) {
  for (const Worker& worker : workers_) {
    if (worker.room == room && worker.pid != 0) static_cast<void>(send(worker, ipc::Drain{}, {}));
  }
}

bool Family::all_sealed() const {
  return std::ranges::all_of(workers_, [](const Worker& worker) { return worker.sealed; });
}

bool Family::any_running(Room room) const {
  return std::ranges::any_of(workers_,
                             [room](const Worker& w) { return w.room == room && w.pid != 0; });
}

bool Family::any_running() const {
  return std::ranges::any_of(workers_, [](const Worker& w) { return w.pid != 0; });
}

std::vector<int> Family::descriptors() const {
  std::vector<int> all = {programs_.frontend.get(),
                          programs_.upstream.get(),
                          programs_.connector.get(),
                          config_.get(),
                          trust_.get(),
                          null_.get(),
                          memory_.limits.get(),
                          pages_.servers.get(),
                          pages_.servers_read.get(),
                          pages_.processes_read.get(),
                          programs_.control.get()};
  if (control_.control) all.push_back(control_.control.get());
  if (control_.metrics) all.push_back(control_.metrics.get());
  for (const Fd& counters : pages_.counters_read) all.push_back(counters.get());
  for (const Fd& counters : memory_.counters) all.push_back(counters.get());
  if (network_) all.push_back(network_.get());
  if (empty_root_) all.push_back(empty_root_.get());
  if (memory_.cache_file) all.push_back(memory_.cache_file.get());
  for (const Listener& listener : listeners_) {
    for (const Fd& socket : listener.sockets) all.push_back(socket.get());
  }
  return all;
}

}  // namespace dotkeep::supervisor
