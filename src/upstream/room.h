// The upstream's room: its walls, its connections and its clock, around the pool.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "config/config.h"
#include "ipc/channel.h"
#include "ipc/loop.h"
#include "upstream/connection.h"
#include "upstream/patience.h"
#include "upstream/pool.h"
#include "upstream/publisher.h"
#include "upstream/table.h"

namespace dotkeep::upstream {

class Room final : private Outside, private Connection::Owner {
 public:
  // Takes everything that it will ever use but the memory of connections; descriptors lie as in
  // ipc/descriptors.h.
  Room(const config::Config& config, const std::shared_ptr<const Trust>& trust,
       std::uint32_t frontends, ipc::UpstreamPage& page);

  // Octets that a room can come to use.
  [[nodiscard]] static std::size_t memory(const config::Config& config, std::size_t trust_octets,
                                          std::uint32_t frontends);

  // Serves until it is told to end or cannot go on; the exit status.
  int run(const sandbox::Sealed& sealed);

 private:
  // Outside: what the pool asks for (room.cc).
  void connect(LinkNumber number, std::uint8_t server) override;
  bool write(LinkNumber number, Octets plaintext) override;
  void flush(LinkNumber number) override;
  void close(LinkNumber number) override;
  void answer(std::uint8_t frontend, const ipc::Answer& answer) override;
  void fail(std::uint8_t frontend, const ipc::Failure& failure) override;
  void went_up(std::uint8_t server, const Agreed& agreed, Duration took) override;
  void went_down(std::uint8_t server, UpstreamFault fault, std::string_view detail) override;
  void changed_pace(std::uint8_t server, bool slow, Duration usual) override;

  // Connection::Owner: what connections tell (room.cc).
  void tcp_connected(LinkNumber number) override;
  void tls_established(LinkNumber number, const Agreed& agreed) override;
  void plaintext(LinkNumber number, MutableOctets octets) override;
  void ended(LinkNumber number, UpstreamFault fault, std::string_view detail) override;
  bool may_read() override;
  Connection* find(LinkNumber number) override;

  // Walls and orders (room_walls.cc).
  bool on_frontend_record(std::uint8_t frontend, Octets record, const ipc::Passed& passed);
  bool on_connector_record(Octets record, ipc::Passed& passed);
  bool on_orders_record(Octets record, ipc::Passed& passed);
  void on_wall_end(std::optional<std::uint8_t> frontend, ipc::ChannelEnd how);
  bool open_wall(std::uint16_t wall, Fd fd);
  void reconfigure(const Fd& config_fd, const Fd& trust_fd);
  void drain();
  void breach(std::string_view by, int status);

  void note_proof(const Entry& entry, const Agreed& agreed);
  void notice_sleep();
  void resume_reading();
  void show_table();
  void end_turn();
  void log_strays() const;

  ipc::Loop loop_;
  Pool pool_;
  config::Select select_;
  std::uint32_t mark_;
  tls::ClockTrust clock_;  // before who points to it
  Table table_;
  std::unique_ptr<Connection::Buffers> buffers_;
  std::array<std::unique_ptr<Connection>, kMaxLinks> connections_;
  std::vector<std::unique_ptr<Connection>> closed_;  // until the end of the turn
  std::vector<std::unique_ptr<ipc::Channel>> frontends_;
  std::vector<Patience> patience_;  // with each of them
  ipc::Channel connector_;
  ipc::Channel orders_;
  ipc::Timer timer_;
  Publisher publisher_;
  // Handshakes so far: how many, how many of them resumed, how many attempts to resume failed.
  std::uint64_t handshakes_ = 0;
  std::uint64_t resumed_ = 0;
  std::uint64_t not_resumed_ = 0;
  std::int64_t slept_ = std::int64_t{1}
                        << 40;  // seconds since the start of the machine; not known yet
  bool said_undated_ = false;
  bool paused_ = false;
  int status_ = 0;
};

}  // namespace dotkeep::upstream
