// What the pool asks of the world: sockets, TLS and walls on the one side, tests on the other.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "base/upstream_fault.h"
#include "ipc/messages.h"

namespace dotkeep::upstream {

// One connection for as long as it lives, never 0; what Answer and IdleTime call `connection` and
// the connector calls `request`.
using LinkNumber = std::uint32_t;

// What a handshake agreed on, for the log.
struct Agreed {
  std::string_view group;
  std::string_view cipher;
  bool resumed = false;
  std::int64_t leaf_not_after = 0;  // seconds since the epoch
  int pin = -1;                     // the number of the configured pin that matched, or -1
  std::string_view unpinned = {};   // pin_mode = "report": the pins seen, none of which matched
  bool undated = false;             // believed by its pin alone, since the clock may be wrong
};

// None of these may call back into the pool.
class Outside {
 public:
  // Ask the connector for a connection. When there is no connector now, nothing happens; the pool
  // asks again when it is told of a new one.
  virtual void connect(LinkNumber number, std::uint8_t server) = 0;
  // `plaintext`, one query with its length, as one TLS record, to leave at the next flush(). False:
  // the connection can take no more and is as good as lost.
  [[nodiscard]] virtual bool write(LinkNumber number, Octets plaintext) = 0;
  virtual void flush(LinkNumber number) = 0;
  // The pool has no use for it any more; also for one that is still opening.
  virtual void close(LinkNumber number) = 0;

  virtual void answer(std::uint8_t frontend, const ipc::Answer& answer) = 0;
  virtual void fail(std::uint8_t frontend, const ipc::Failure& failure) = 0;

  // State changes, for the log: once each.
  virtual void went_up(std::uint8_t server, const Agreed& agreed, Duration took) = 0;
  virtual void went_down(std::uint8_t server, UpstreamFault fault, std::string_view detail) = 0;
  // While it is up: it has become slow, or is so no longer.
  virtual void changed_pace(std::uint8_t server, bool slow, Duration usual) = 0;

 protected:
  ~Outside() = default;
};

}  // namespace dotkeep::upstream
