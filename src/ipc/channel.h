// One end of a wall: a SOCK_SEQPACKET socket whose records carry batches of messages. Messages
// appended in a turn leave as one record at its end. It never blocks, and it holds at most its
// backlog.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/fd.h"
#include "ipc/codec.h"
#include "ipc/loop.h"

namespace dotkeep::ipc {

// Descriptors that came with a record.
struct Passed {
  std::array<Fd, kMaxPassed> fds;
  std::size_t count = 0;
};

enum class ChannelEnd : std::uint8_t {
  peer_gone,  // the peer's process ended
  breach,     // it sent a record that breaks the contract
};

class Channel {
 public:
  struct Handlers {
    // One record and the descriptors that came with it. False: it broke the contract.
    std::function<bool(Octets record, Passed& passed)> on_record;
    // Nothing comes or goes any more. The channel must not be destroyed from within.
    std::function<void(ChannelEnd)> on_end;
  };

  // `backlog`: how many records may wait for a slow peer, at least 1; their memory is taken here.
  Channel(Loop& loop, std::size_t backlog, Handlers handlers);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Begins on `fd`; what waited for a former peer is dropped. For a wall whose peer was replaced,
  // call again.
  void open(Fd fd);
  [[nodiscard]] bool is_open() const { return watch_ != nullptr; }

  // Adds a message to the record of this turn. False: closed or the backlog is full; nothing was
  // added.
  template <typename Message>
  [[nodiscard]] bool append(const Message& message) {
    if (!is_open()) return false;
    if (waiting_ != 0 && put(message, last())) return true;
    if (waiting_ == records_.size()) return false;
    ++waiting_;
    last().size = 0;
    return put(message, last());
  }

  // As append, but at once and in a record of its own that carries `fd` along; the caller's
  // descriptor stays open. False: closed, or the peer is too slow to take it now.
  template <typename Message>
  [[nodiscard]] bool send_with(const Message& message, int fd) {
    std::array<std::uint8_t, 64> octets{};
    Writer writer(octets);
    return is_open() && encode(message, writer) && send_record(writer.written(), fd) == Sent::whole;
  }

  // The backlog surely takes a largest message.
  [[nodiscard]] bool has_room() const { return is_open() && waiting_ < records_.size(); }

  // Sends what was appended; a loop's end-of-turn hook.
  void flush();

  // The backlog has room again after it had none; set by who needs to know.
  std::function<void()> on_room;

 private:
  struct Record {
    std::unique_ptr<std::uint8_t[]> octets;
    std::size_t size = 0;
  };
  enum class Sent : std::uint8_t { whole, later, never };

  [[nodiscard]] Record& last() { return records_[(first_ + waiting_ - 1) % records_.size()]; }

  template <typename Message>
  bool put(const Message& message, Record& record) {
    Writer writer(MutableOctets(record.octets.get() + record.size, kMaxRecord - record.size));
    if (!encode(message, writer)) return false;
    record.size += writer.size();
    return true;
  }

  Sent send_record(Octets record, int fd);
  void wait_readable();
  void wait_writable();
  void read_records();
  bool read_record();  // false: nothing more now, as far as can be told for free
  void end(ChannelEnd how);

  Loop* loop_;
  Handlers handlers_;
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<std::uint8_t[]> incoming_;
  std::vector<Record>
      records_;  // a ring: `waiting_` records from `first_` on, the last one still open
  std::size_t first_ = 0;
  std::size_t waiting_ = 0;
  bool waiting_writable_ = false;
};

}  // namespace dotkeep::ipc
