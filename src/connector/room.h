// The connector's room: it opens the connections that the upstream room asks for, by number, and
// hands them over. It never reads from one.
#pragma once

#include <optional>
#include <vector>

#include "config/config.h"
#include "connector/token_bucket.h"
#include "ipc/channel.h"
#include "ipc/loop.h"

namespace dotkeep::connector {

class Room {
 public:
  // Takes everything that it will ever use; the descriptors lie as in ipc/descriptors.h. `notices`:
  // ipc::kNetworkFd is among them.
  Room(const config::Config& config, bool notices);

  static constexpr std::size_t kMemory = 4U << 20;  // two channels and the loop's own

  // Serves until it is told to end or cannot go on; the exit status.
  int run(const sandbox::Sealed& sealed);

 private:
  bool on_request_record(Octets record, const ipc::Passed& passed);
  bool on_orders_record(Octets record, ipc::Passed& passed);
  void wait_for_notice();
  void read_notices();
  void end_turn();
  void serve(const ipc::Connect& request);
  void refuse(const ipc::Connect& request, int error);
  void breach(const char* by, int status);

  ipc::Loop loop_;
  std::vector<config::Endpoint> endpoints_;  // by upstream number
  std::vector<ipc::Connect> requests_;       // of this turn
  TokenBucket bucket_;
  ipc::Channel upstream_;
  ipc::Channel orders_;
  std::optional<ipc::Watch> network_;
  bool network_changed_ = false;  // in this turn
  bool ending_ = false;
  int status_ = 0;
};

}  // namespace dotkeep::connector
