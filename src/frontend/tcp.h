// The TCP listeners and the connections they accepted, in a table of fixed size.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "admission/gate.h"
#include "config/config.h"
#include "frontend/client.h"
#include "frontend/client_counts.h"
#include "frontend/counters.h"
#include "frontend/idle_order.h"
#include "frontend/ledger.h"
#include "frontend/tcp_client.h"
#include "ipc/loop.h"

namespace dotkeep::frontend {

class TcpServer {
 public:
  // True: an answer was given or will be.
  using OnQuery = std::function<bool(Octets message, const Client& client)>;

  // `capacity`: connections at a time.
  TcpServer(ipc::Loop& loop, const config::Config& config, std::uint32_t capacity,
            const admission::Gate& gate, Counters& counters, Ledger& ledger, OnQuery on_query);

  // Bounds of new connections; what sized the tables, or says where to find what is in them, stays
  // as it is.
  void reconfigure(const config::Config& config) { per_client_ = config.limits.tcp_per_client; }
  // A listener's address and its number among all.
  struct Bound {
    admission::Place at;
    std::uint16_t number = 0;
  };
  void add_listener(Fd fd, const Bound& bound);
  void start();
  // Accepts and reads no more; answers still go out.
  void stop();

  // Room for one response; empty when the connection is gone. Commit it before the next.
  [[nodiscard]] MutableOctets begin(const TcpPeer& peer);
  void commit(const TcpPeer& peer, std::size_t size);
  // Sends what was committed; a loop's end-of-turn hook.
  void flush();
  // Closes what is overdue. When to come again, if ever.
  void tick(Time now);
  [[nodiscard]] std::size_t open() const { return open_; }
  // How long an idle connection stays at present.
  [[nodiscard]] Duration idle_time() const { return tcp_idle_time(open_, capacity_); }
  // Octets of answers that no client has taken yet.
  [[nodiscard]] bool all_sent() const;

 private:
  void wait_accept(std::size_t listener);
  void accept_some(std::size_t listener);
  void admit(Fd fd, const SocketAddress& remote, const Bound& bound);
  void refuse(const IpAddress& client, const Bound& bound, admission::Reason why);
  void wait_readable(std::uint32_t slot);
  void wait_writable(std::uint32_t slot);
  void read(std::uint32_t slot);
  void take_frames(std::uint32_t slot);
  void send(std::uint32_t slot);
  void close(std::uint32_t slot);
  [[nodiscard]] TcpClient* find(const TcpPeer& peer);
  void mark_dirty(std::uint32_t slot);
  [[nodiscard]] bool evict_for(const IpAddress& newcomer);
  [[nodiscard]] bool make_room(std::size_t octets, const TcpClient& wanting);

  ipc::Loop* loop_;
  const admission::Gate* gate_;
  Counters* counters_;
  Ledger* ledger_;
  OnQuery on_query_;
  std::uint32_t per_client_;
  ClientCounts clients_;
  std::vector<std::unique_ptr<ipc::Watch>> listeners_;
  std::vector<Bound> bound_;
  std::uint32_t capacity_;
  std::unique_ptr<TcpClient[]> slots_;
  std::unique_ptr<std::uint8_t[]> inputs_;  // of all slots; takes no memory before its first use
  std::vector<std::uint32_t> free_;
  IdleOrder order_;
  std::vector<std::uint32_t> dirty_;
  std::unique_ptr<std::uint8_t[]> response_;  // one response with its length before it
  std::size_t open_ = 0;
  std::size_t unsent_ = 0;  // octets of memory that unsent answers take
  bool running_ = false;
  std::vector<bool> accept_paused_;  // out of descriptors: tried again at the next tick
};

}  // namespace dotkeep::frontend
