// A UDP listener: takes queries and sends responses a batch at a time.
#pragma once

#include <sys/socket.h>

#include <array>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/fd.h"
#include "dns/types.h"
#include "frontend/backlog.h"
#include "frontend/client.h"
#include "frontend/counters.h"
#include "ipc/loop.h"

namespace dotkeep::frontend {

class UdpListener {
 public:
  // Messages in one recvmmsg or sendmmsg: enough that the call's own cost is small against theirs.
  static constexpr std::size_t kBatch = 64;
  // A query is a header, a name, an OPT with a cookie and padding; RFC 8467's largest block is 468
  // octets. What is longer is cut, and then refused by the parser.
  static constexpr std::size_t kMaxQuery = 2048;

  using OnQuery = std::function<void(Octets message, const Client& client)>;

  // Which one it is, among those of UDP (UdpPeer::listener) and among all (Client::listener).
  struct Number {
    std::uint16_t of_udp = 0;
    std::uint16_t of_all = 0;
  };
  // `wildcard`: the socket is bound to all addresses and tells to which one each query came.
  UdpListener(ipc::Loop& loop, Fd fd, Number number, bool wildcard, Counters& counters,
              OnQuery on_query);

  void start();
  void stop();

  // Room for one response; commit it before the next.
  [[nodiscard]] MutableOctets begin(const UdpPeer& peer);
  void commit(const UdpPeer& peer, std::size_t size);
  // Sends what was committed; a loop's end-of-turn hook.
  void flush();

 private:
  // The cmsg that tells, or sets, our address of a datagram.
  static constexpr std::size_t kControl = 96;  // and when it came
  struct Incoming {
    std::array<std::uint8_t, kMaxQuery> octets;
    SocketAddress remote;
    alignas(cmsghdr) std::array<std::uint8_t, kControl> control;
  };
  struct Outgoing {
    std::array<std::uint8_t, dns::kUdpPayload> octets;
    SocketAddress remote;
    alignas(cmsghdr) std::array<std::uint8_t, kControl> control;
  };

  void wait();
  void receive();
  bool receive_batch();
  void take(std::size_t index);
  // Makes a place ready for the next datagram.
  void offer(std::size_t index);
  bool cut(std::size_t index);

  ipc::Loop* loop_;
  ipc::Watch watch_;
  Backlog backlog_;
  Number number_;
  bool wildcard_;
  bool running_ = false;
  Counters* counters_;
  OnQuery on_query_;
  std::unique_ptr<std::array<Incoming, kBatch>> incoming_;
  std::unique_ptr<std::array<Outgoing, kBatch>> outgoing_;
  std::array<iovec, kBatch> in_vectors_{};
  std::array<iovec, kBatch> out_vectors_{};
  std::array<mmsghdr, kBatch> in_{};
  std::array<mmsghdr, kBatch> out_{};
  std::size_t out_count_ = 0;
};

}  // namespace dotkeep::frontend
