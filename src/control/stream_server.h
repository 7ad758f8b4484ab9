// Connections that ask once and are answered once: a listening socket, a fixed number of places,
// and for each a bounded input, a bounded answer and bounded time. When all places are taken the
// oldest of the address that has most of them gives way, so nobody keeps others out by holding on,
// nor by coming again and again.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/time.h"
#include "control/snapshot.h"
#include "control/text.h"
#include "ipc/loop.h"

namespace dotkeep::control {

class StreamServer {
 public:
  struct Limits {
    std::size_t places;
    std::size_t input;   // octets of a request
    std::size_t answer;  // octets of an answer
  };
  // One connection for as long as it lives.
  struct Id {
    std::size_t place = 0;
    std::uint32_t generation = 0;
  };
  enum class Verdict : std::uint8_t {
    more,      // the request is not whole yet
    answered,  // the answer is in `out`
    later,     // answer() will give it
    close,     // no answer is due
  };
  // What has come so far, all of it at each call.
  using OnInput = std::function<Verdict(std::string_view input, Text& out, Id id)>;

  // Takes all memory that it will ever use but for that of a connection's watch.
  StreamServer(ipc::Loop& loop, Limits limits, Tally& tally, OnInput on_input);
  void listen(Fd fd);
  // From the seal on.
  void start();

  // The answer that was to come later; nothing happens when the connection is gone.
  void answer(Id id, std::string_view text);
  // Closes what is overdue. When to come again, if ever.
  Time tick(Time now);

  [[nodiscard]] static std::size_t memory(const Limits& limits) {
    return limits.places * (limits.input + limits.answer + 2048);
  }

 private:
  enum class Phase : std::uint8_t { free, reading, waiting, writing };
  // Whose connection it is: an IPv4 address, the /64 of an IPv6 one; zeros for whoever is local.
  using Peer = std::array<std::uint8_t, 9>;
  struct Place {
    std::unique_ptr<ipc::Watch> watch;
    std::uint32_t generation = 0;
    Phase phase = Phase::free;
    Peer peer{};
    Time accepted{};
    Time deadline{};
    std::size_t in_size = 0;
    std::unique_ptr<char[]> in;
    std::unique_ptr<char[]> out;
    std::size_t out_size = 0;
    std::size_t sent = 0;
  };

  [[nodiscard]] static Peer peer_of(const sockaddr_storage& address);
  void wait_accept();
  void accept_some();
  void admit(Fd fd, const Peer& peer);
  [[nodiscard]] std::size_t free_place(const Peer& peer);
  [[nodiscard]] Place* find(Id id);
  [[nodiscard]] Id id_of(std::size_t place) const { return {place, places_[place].generation}; }
  void wait_readable(std::size_t number);
  void read(std::size_t number);
  void begin_answer(std::size_t number, std::size_t size);
  void write(std::size_t number);
  void finish(std::size_t number);
  void close(std::size_t number);

  ipc::Loop* loop_;
  Limits limits_;
  Tally* tally_;
  OnInput on_input_;
  std::unique_ptr<ipc::Watch> listener_;
  std::vector<Place> places_;
  Time accept_again_ = Time::max();
};

}  // namespace dotkeep::control
