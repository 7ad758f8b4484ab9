#include "connector/room.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "base/log.h"
#include "connector/network_notice.h"
#include "connector/open_socket.h"
#include "ipc/descriptors.h"
#include "ipc/exit_status.h"

namespace dotkeep::connector {
namespace {

constexpr std::size_t kBacklog = 2;
// In one turn; the upstream room has no more connections than this.
constexpr std::size_t kMaxRequests = 256;
// Read in one turn; orders and requests must not wait behind a storm.
constexpr unsigned kMaxNotices = 64;

}  // namespace

Room::Room(const config::Config& config, bool notices)
    : upstream_(loop_, kBacklog,
                {[this](Octets record, ipc::Passed& p) { return on_request_record(record, p); },
                 [this](ipc::ChannelEnd how) {
                   if (how == ipc::ChannelEnd::breach)
                     breach("the upstream room", ipc::breach_status(0));
                 }}),  // otherwise a new wall comes with a new upstream room
      orders_(loop_, 1,
              {[this](Octets record, ipc::Passed& p) { return on_orders_record(record, p); },
               [this](ipc::ChannelEnd how) {
                 if (how == ipc::ChannelEnd::breach) breach("the supervisor", 1);
                 ending_ = true;
               }}) {
  for (const config::Upstream& upstream : config.upstreams) {
    endpoints_.push_back(upstream.endpoint);
  }
  requests_.reserve(kMaxRequests);
  upstream_.open(Fd(ipc::kFirstWallFd));
  orders_.open(Fd(ipc::kOrdersFd));
  if (notices) {
    network_.emplace(loop_, Fd(ipc::kNetworkFd));
    wait_for_notice();
  }
  loop_.at_end_of_turn([this] { end_turn(); });
}

int Room::run(const sandbox::Sealed& sealed) {
  loop_.run(sealed);
  return status_;
}

void Room::breach(const char* by, int status) {
  log::error("the contract of a wall was broken", {{"by", by}});
  status_ = status;
  ending_ = true;
}

bool Room::on_request_record(Octets record, const ipc::Passed& passed) {
  if (passed.count != 0) return false;
  Reader reader(record);
  while (!reader.empty()) {
    const auto message = ipc::decode<ipc::UpstreamToConnector>(reader);
    if (!message || requests_.size() == kMaxRequests) return false;
    const ipc::Connect& request = std::get<ipc::Connect>(*message);
    if (request.upstream >= config::kMaxUpstreams) return false;
    requests_.push_back(request);
  }
  return true;
}

bool Room::on_orders_record(Octets record, ipc::Passed& passed) {
  Reader reader(record);
  while (!reader.empty()) {
    const auto order = ipc::decode<ipc::Order>(reader);
    if (!order) return false;
    if (std::holds_alternative<ipc::Ping>(*order)) continue;
    if (const auto* wall = std::get_if<ipc::NewWall>(&*order)) {
      if (passed.count != 1 || wall->wall != 0) return false;
      requests_.clear();  // the former upstream room's
      upstream_.open(std::move(passed.fds[0]));
      continue;
    }
    // The ports that may be connected to are sealed: a new configuration needs a new connector.
    if (std::holds_alternative<ipc::NewConfig>(*order)) log::info("makes way for a new connector");
    ending_ = true;
  }
  return true;
}

// Requests wait for the end of the turn: in a reload's turn the order to make way comes along with
// requests that already mean the new configuration, and must not be answered by the old one.
void Room::end_turn() {
  if (ending_) {
    loop_.stop();
    return;
  }
  for (const ipc::Connect& request : requests_) serve(request);
  requests_.clear();
  // Once a turn, however much changed; without room, in a later one.
  if (network_changed_ &&
      (!upstream_.is_open() || upstream_.append(ipc::ConnectorToUpstream(ipc::NetworkChanged{})))) {
    network_changed_ = false;
  }
  upstream_.flush();
}

void Room::wait_for_notice() {
  network_->when_readable([this] {
    read_notices();
    wait_for_notice();
  });
}

// A change that was lost for want of room in the socket is a change, too.
void Room::read_notices() {
  for (unsigned i = 0; i < kMaxNotices; ++i) {
    std::array<std::uint8_t, ipc::kNetworkNotice> octets{};
    sockaddr_nl from{};
    iovec vector{octets.data(), octets.size()};
    msghdr header{};
    header.msg_name = &from;
    header.msg_namelen = sizeof from;
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    const ssize_t size = ::recvmsg(network_->fd(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0) {
      if (errno == ENOBUFS) network_changed_ = true;
      if (errno == ENOBUFS || errno == EINTR) continue;
      return;
    }
    const bool of_the_kernel = from.nl_family == AF_NETLINK && from.nl_pid == 0;
    if (of_the_kernel &&
        may_break_connections(Octets(octets).first(static_cast<std::size_t>(size)))) {
      network_changed_ = true;
    }
  }
}

void Room::serve(const ipc::Connect& request) {
  if (!bucket_.take(loop_.now())) return refuse(request, 0);
  // Not a breach: for the moment of a reload the upstream room may know more upstreams than we.
  if (request.upstream >= endpoints_.size()) return refuse(request, EADDRNOTAVAIL);
  const auto socket = open_socket(endpoints_[request.upstream]);
  if (!socket) return refuse(request, socket.error());
  if (!upstream_.send_with(ipc::ConnectorToUpstream(ipc::Connecting{request.request}),
                           socket->get())) {
    refuse(request, ENOBUFS);
  }
}

void Room::refuse(const ipc::Connect& request, int error) {
  // Without room for this the upstream room's own time-out tells it.
  static_cast<void>(upstream_.append(ipc::ConnectorToUpstream(
      ipc::NotConnecting{request.request, static_cast<std::uint32_t>(error)})));
}

}  // namespace dotkeep::connector
