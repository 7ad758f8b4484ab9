#include "connector/room.h"

#include <cerrno>

#include "base/log.h"
#include "connector/open_socket.h"
#include "ipc/descriptors.h"
#include "ipc/exit_status.h"

namespace dotkeep::connector {
namespace {

constexpr std::size_t kBacklog = 2;
// In one turn; the upstream room has no more connections than this.
constexpr std::size_t kMaxRequests = 256;

}  // namespace

Room::Room(const config::Config& config)
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
  upstream_.flush();
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
