// One TCP connection of a client (RFC 7766): frames in, cut anywhere; responses out, in any order.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "ipc/loop.h"

namespace dotkeep::frontend {

// The largest query frame that is taken. An honest query is a header, a name and an OPT; RFC 8467's
// largest padding block is 468 octets.
inline constexpr std::size_t kMaxTcpQuery = 2048;
// What a connection's input buffer holds: one frame.
inline constexpr std::size_t kTcpInput = 2 + kMaxTcpQuery;
// Queries of one connection that are pending; more are left unread.
inline constexpr std::uint32_t kMaxTcpInFlight = 128;
// Octets of responses that wait for a slow reader: from the first bound on its queries are left
// unread, at the second it is closed.
inline constexpr std::size_t kTcpOutPause = std::size_t{64} * 1024;
inline constexpr std::size_t kTcpOutLimit = std::size_t{512} * 1024;
// The memory that they may take on all connections together, so that there is always some for the
// rest; room.cc reserves a third more, for what lies between them.
inline constexpr std::size_t kTcpOutTotal = 24U << 20;
// From the first octet of a message to its last.
inline constexpr Duration kTcpMessageTime = std::chrono::seconds(5);
// From the connection to the first octet: who connects has something to ask.
inline constexpr Duration kTcpFirstTime = std::chrono::seconds(5);
// Nothing pending, nothing said: while less than half of all connections are in use, and when all
// are. Also told to who asks by EDNS keepalive (RFC 7828 section 3.4 has it shrink under load).
inline constexpr Duration kTcpIdleTime = std::chrono::seconds(10);
inline constexpr Duration kTcpLeastIdleTime = std::chrono::seconds(1);
// How long an idle connection stays while `open` of `capacity` are in use.
[[nodiscard]] Duration tcp_idle_time(std::size_t open, std::size_t capacity);
// A reader that takes not one octet in this time is gone.
inline constexpr Duration kTcpWriteTime = std::chrono::seconds(5);

// Octets that wait to be sent on a connection, as the chunks they came in.
class OutQueue {
 public:
  OutQueue() = default;
  OutQueue(const OutQueue&) = delete;
  OutQueue& operator=(const OutQueue&) = delete;
  ~OutQueue() { clear(); }

  // A copy of `octets`. False: no memory.
  [[nodiscard]] bool push(Octets octets);
  // Sends as much as the socket takes now. False: the connection is broken.
  [[nodiscard]] bool send(int fd);
  void clear();
  [[nodiscard]] std::size_t size() const { return size_; }
  // Octets of memory it takes: those sent already of a chunk still count.
  [[nodiscard]] std::size_t held() const { return held_; }
  // What push() of so many octets adds to it.
  [[nodiscard]] static constexpr std::size_t cost(std::size_t octets) { return kOverhead + octets; }

 private:
  // Of a chunk: its head, and malloc's own word and rounding.
  static constexpr std::size_t kOverhead = 48;
  struct Chunk {
    Chunk* next;
    std::size_t size;
    std::size_t sent;
    [[nodiscard]] std::uint8_t* octets() { return reinterpret_cast<std::uint8_t*>(this + 1); }
  };
  void drop_first();

  Chunk* first_ = nullptr;
  Chunk* last_ = nullptr;
  std::size_t size_ = 0;
  std::size_t held_ = 0;
};

// The state of a connection; TcpServer moves it.
struct TcpClient {
  std::unique_ptr<ipc::Watch> watch;  // null: the slot is free
  std::uint32_t generation = 0;
  IpAddress ip;
  std::uint16_t listener = 0;  // the number among all of the one that accepted it
  MutableOctets in;            // kTcpInput octets, the slot's own
  std::size_t in_size = 0;
  OutQueue out;
  std::uint32_t in_flight = 0;
  bool reading = false;    // waiting for readability
  bool writing = false;    // waiting for writability
  bool dirty = false;      // listed for the end of the turn
  bool spoke = false;      // an octet came
  bool peer_done = false;  // it sent FIN: answers go out, then the connection ends
  Time message_begun = Time::max();
  Time last_active{};
  Time last_progress{};  // of sending

  // The first whole frame's message, or nothing yet; `too_long` when it can never be whole.
  enum class Frame : std::uint8_t { whole, partial, too_long };
  [[nodiscard]] Frame frame(Octets& message) const;
  void drop_frame(std::size_t message_size);

  [[nodiscard]] bool must_pause() const {
    return in_flight >= kMaxTcpInFlight || out.size() > kTcpOutPause;
  }
  // Why the connection should end now, by the clock.
  enum class Overdue : std::uint8_t { no, idle, slow };
  [[nodiscard]] Overdue overdue(Time now, Duration idle_time) const;
  // Nobody would lose an answer with it.
  [[nodiscard]] bool is_idle() const { return in_flight == 0 && out.size() == 0; }
};

}  // namespace dotkeep::frontend
