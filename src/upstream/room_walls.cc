// What comes over the walls, and the supervisor's orders.
#include <cstdlib>
#include <cstring>

#include "base/log.h"
#include "base/memfd.h"
#include "config/log_setup.h"
#include "config/memfd.h"
#include "config/upstream_mark.h"
#include "ipc/exit_status.h"
#include "upstream/fault.h"
#include "upstream/room.h"

namespace dotkeep::upstream {
namespace {

// Whether a connection can still be afforded: its own octets and the handshake's. Plain `new` ends
// the process when there is nothing left.
bool has_memory() {
  constexpr std::size_t kConnection = std::size_t{512} * 1024;
  void* volatile block = std::malloc(kConnection);
  std::free(block);
  return block != nullptr;
}

}  // namespace

bool Room::on_frontend_record(std::uint8_t frontend, Octets record, const ipc::Passed& passed) {
  if (passed.count != 0) return false;
  notice_sleep();
  Reader reader(record);
  while (!reader.empty()) {
    const auto message = ipc::decode<ipc::FrontendToUpstream>(reader);
    if (!message) return false;
    if (const auto* ask = std::get_if<ipc::Ask>(&*message)) {
      pool_.ask(frontend, *ask, loop_.now());
    } else {
      pool_.idle_time(std::get<ipc::IdleTime>(*message), loop_.now());
    }
  }
  return true;
}

bool Room::on_connector_record(Octets record, ipc::Passed& passed) {
  Reader reader(record);
  while (!reader.empty()) {
    const auto message = ipc::decode<ipc::ConnectorToUpstream>(reader);
    if (!message) return false;
    if (std::holds_alternative<ipc::NetworkChanged>(*message)) {
      if (passed.count != 0) return false;
      log::debug("the network changed");
      pool_.network_changed(loop_.now());
      continue;
    }
    if (const auto* refused = std::get_if<ipc::NotConnecting>(&*message)) {
      if (passed.count != 0) return false;
      const int error = static_cast<int>(refused->error);
      pool_.ended(refused->request, fault_of_errno(error),
                  error == 0 ? "too many connections asked for" : words_of_errno(error),
                  loop_.now());
      continue;
    }
    // A descriptor comes in a record of its own.
    if (passed.count != 1 || !reader.empty()) return false;
    const LinkNumber number = std::get<ipc::Connecting>(*message).request;
    const auto server = pool_.server_of_opening(number);
    if (!server || find(number) != nullptr) return true;  // given up meanwhile: the socket closes
    if (!has_memory()) {
      pool_.ended(number, UpstreamFault::resources, {}, loop_.now());
      return true;
    }
    Connection::Owner& owner = *this;
    connections_[number % kMaxLinks] = std::make_unique<Connection>(
        owner, loop_, *buffers_, number, table_[*server], std::move(passed.fds[0]));
  }
  return true;
}

void Room::on_wall_end(std::optional<std::uint8_t> frontend, ipc::ChannelEnd how) {
  if (how == ipc::ChannelEnd::breach) {
    return frontend ? breach("a frontend", ipc::breach_status(1U + *frontend))
                    : breach("the connector", ipc::breach_status(0));
  }
  if (!frontend) return;  // a new wall comes with a new connector; requests are repeated then
  pool_.drop_frontend(*frontend);
  resume_reading();  // nobody waits for its room any more
}

void Room::breach(std::string_view by, int status) {
  log::error("the contract of a wall was broken", {{"by", by}});
  status_ = status;
  loop_.stop();
}

bool Room::on_orders_record(Octets record, ipc::Passed& passed) {
  Reader reader(record);
  while (!reader.empty()) {
    const auto order = ipc::decode<ipc::Order>(reader);
    if (!order) return false;
    if (std::holds_alternative<ipc::Ping>(*order)) continue;
    if (const auto* wall = std::get_if<ipc::NewWall>(&*order)) {
      if (passed.count != 1 || !open_wall(wall->wall, std::move(passed.fds[0]))) return false;
    } else if (std::holds_alternative<ipc::NewConfig>(*order)) {
      if (passed.count != 2) return false;
      reconfigure(passed.fds[0], passed.fds[1]);
    } else {
      drain();
    }
  }
  return true;
}

bool Room::open_wall(std::uint16_t wall, Fd fd) {
  if (wall == 0) {
    connector_.open(std::move(fd));
    pool_.connector_is_back();
    return true;
  }
  if (wall > frontends_.size()) return false;
  const auto frontend = static_cast<std::uint8_t>(wall - 1);
  pool_.drop_frontend(frontend);  // the order may come before the old wall's end is seen
  frontends_[frontend]->open(std::move(fd));
  resume_reading();
  return true;
}

void Room::reconfigure(const Fd& config_fd, const Fd& trust_fd) {
  const auto config = config::read_memfd(config_fd.get());
  const auto ca_pem = read_whole(trust_fd.get(), kMaxTrustOctets);
  if (!config || !ca_pem) {  // the supervisor has checked them: this is a bug
    log::error("new configuration cannot be read");
    return;
  }
  std::shared_ptr<const Trust> trust = table_.front()->trust;
  if (const auto digest = digest_of(*ca_pem); digest != trust->digest) {
    auto made = make_trust(*ca_pem, digest);
    if (!made) {
      // The table must change all the same: the other rooms have changed theirs.
      log::error("new trust anchors cannot be used: the old ones stay in force",
                 {{"error", made.error()}});
    } else {
      trust = std::move(*made);
    }
  }
  Table table = make_table(*config, trust, &clock_);
  const std::vector<std::uint8_t> same = kept(table_, table);
  pass_on_tickets(table_, same, table);
  table_ = std::move(table);
  config::set_up_log("upstream", *config);
  pool_.configure(config->query.select, same, loop_.now(), config::upstream_mark(*config),
                  standings(table_));
  show_table();
}

void Room::drain() {
  pool_.drain(loop_.now());
}

}  // namespace dotkeep::upstream
