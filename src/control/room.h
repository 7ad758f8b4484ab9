// The control room: answers scrapers on the metrics socket and operators on the control socket from
// pages that it can only read, and carries an operator's "forget this" to the frontends.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "control/control_line.h"
#include "control/snapshot.h"
#include "control/stream_server.h"
#include "ipc/channel.h"
#include "ipc/loop.h"

namespace dotkeep::control {

class Room {
 public:
  struct Given {
    bool control_socket = false;
    bool metrics_socket = false;
    std::uint32_t frontends = 0;
    std::size_t servers = 0;  // of the configuration; a reload begins a new control room
  };

  // Takes everything that it will ever use; descriptors lie as in ipc/descriptors.h.
  Room(const Given& given, const Pages& pages);

  [[nodiscard]] static std::size_t memory(const Given& given);

  // Serves until it is told to end or cannot go on; the exit status.
  int run(const sandbox::Sealed& sealed);

 private:
  // A flush that frontends work on; one at a time.
  struct Flush {
    bool active = false;
    std::uint32_t request = 0;
    StreamServer::Id client;
    Time deadline{};
    ipc::Flush::Scope scope = ipc::Flush::Scope::all;
    std::array<char, ipc::kMaxFlushName> name{};
    std::size_t name_size = 0;
    std::vector<bool> awaited;
    std::uint64_t entries = 0;
    bool understood = true;
  };

  StreamServer::Verdict on_http(std::string_view input, Text& out);
  StreamServer::Verdict on_line(std::string_view input, Text& out, StreamServer::Id id);
  StreamServer::Verdict begin_flush(const Command& command, Text& out, StreamServer::Id id);
  void send_flush(std::size_t frontend);
  void end_flush();
  bool on_wall_record(std::size_t frontend, Octets record);
  bool on_orders_record(Octets record, ipc::Passed& passed);
  void breach(std::string_view by, int status);
  void end_turn();

  ipc::Loop loop_;
  Tally tally_;
  Observer observer_;
  std::unique_ptr<char[]> body_;
  std::size_t body_size_;
  StreamServer metrics_;
  StreamServer operators_;
  std::vector<std::unique_ptr<ipc::Channel>> walls_;
  ipc::Channel orders_;
  ipc::Timer timer_;
  Flush flush_;
  int status_ = 0;
};

}  // namespace dotkeep::control
