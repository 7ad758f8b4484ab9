// The frontend's room: its sockets, its wall and its clock, around the data path.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "admission/admission.h"
#include "admission/gate.h"
#include "config/config.h"
#include "frontend/admission_settings.h"
#include "frontend/cache_keeper.h"
#include "frontend/datapath.h"
#include "frontend/ledger.h"
#include "frontend/shared.h"
#include "frontend/tcp.h"
#include "frontend/udp.h"
#include "ipc/channel.h"
#include "ipc/loop.h"

namespace dotkeep::frontend {

class Room final : public Outlet {
 public:
  // Takes everything that it will ever use; the descriptors lie as in ipc/descriptors.h.
  // `name`: as in the log; it outlives the room.
  Room(std::string_view name, const config::Config& config, const Shared& shared,
       std::uint32_t frontends, std::uint32_t listeners);

  // Octets that a room can come to use, given how much may be pending, connected, listened on and
  // kept.
  [[nodiscard]] static std::size_t memory(std::size_t pending, std::size_t tcp_clients,
                                          std::size_t listeners, std::size_t cache);

  // The cache outlives the process, in the file that was given. Before the seal.
  void keep_cache(std::uint32_t index, std::uint32_t frontends, const config::Config& config);

  // Serves until it is told to end or cannot go on; the exit status.
  int run(const sandbox::Sealed& sealed);

 private:
  MutableOctets begin_response(const Client& client) override;
  void commit_response(const Client& client, std::size_t size) override;
  Asked ask(const ipc::Ask& ask) override;
  bool idle_time(const ipc::IdleTime& idle_time) override;

  void open_listeners(std::uint32_t count);
  void on_datagram(Octets message, const Client& client, std::size_t listener);
  void tell_time_of_day();
  bool on_wall_record(Octets record);
  bool on_control_record(Octets record);
  void on_wall_end(std::uint32_t wall, ipc::ChannelEnd how);
  bool on_orders_record(Octets record, ipc::Passed& passed);
  void reconfigure(Fd memfd);
  void drain();
  void on_timer();
  void end_turn();

  std::string_view name_;
  ipc::Loop loop_;
  Counters* counters_;
  std::vector<Listening> listening_;
  Ledger ledger_;
  admission::Gate gate_;
  admission::Admission admission_;
  std::unique_ptr<DataPath> path_;
  std::unique_ptr<CacheKeeper> keeper_;  // none: it forgets at a restart
  std::function<std::uint64_t(const config::Config&)> cache_purpose_;
  std::unique_ptr<TcpServer> tcp_;
  std::vector<std::unique_ptr<UdpListener>> udp_;  // by listener number
  ipc::Channel wall_;
  ipc::Channel control_;
  ipc::Channel orders_;
  ipc::Timer timer_;
  bool draining_ = false;
  Time drain_deadline_ = Time::max();
  Time next_tick_{};
  int status_ = 0;
};

}  // namespace dotkeep::frontend
