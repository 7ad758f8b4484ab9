// One connection: a socket that the connector opened, and the TLS session on it. It moves octets;
// what they mean is the pool's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/fd.h"
#include "ipc/loop.h"
#include "tls/session.h"
#include "upstream/outside.h"
#include "upstream/table.h"

namespace dotkeep::upstream {

class Connection {
 public:
  // Scratch that all connections of the thread share.
  struct Buffers {
    std::array<std::uint8_t, 65536> ciphertext;
    std::array<std::uint8_t, tls::kMaxRecordPlaintext> plaintext;
  };

  // Whom it tells. Each may close() the connection; none may destroy it.
  class Owner {
   public:
    virtual void tcp_connected(LinkNumber number) = 0;
    virtual void tls_established(LinkNumber number, const Agreed& agreed) = 0;
    virtual void plaintext(LinkNumber number, MutableOctets octets) = 0;
    virtual void ended(LinkNumber number, UpstreamFault fault, std::string_view detail) = 0;
    // Whether there is room for what one plaintext() call can bring. After a false: resume().
    [[nodiscard]] virtual bool may_read() = 0;
    [[nodiscard]] virtual Connection* find(LinkNumber number) = 0;

   protected:
    ~Owner() = default;
  };

  // `fd`: a TCP socket that is connecting or connected.
  Connection(Owner& owner, ipc::Loop& loop, Buffers& buffers, LinkNumber number,
             std::shared_ptr<const Entry> entry, Fd fd);

  [[nodiscard]] LinkNumber number() const { return number_; }
  [[nodiscard]] const Entry& entry() const { return *entry_; }

  // One TLS record, to leave with flush(). False: not established, or out of memory.
  [[nodiscard]] bool write(Octets plaintext) { return session_ && session_->write(plaintext); }
  void flush();
  // Reads on after may_read() had said no.
  void resume();
  // Whether its handshake, not yet complete, offered a ticket.
  [[nodiscard]] bool resuming() const { return session_ && !established_ && session_->resuming(); }
  // No later handshake with this server will.
  void drop_tickets() { entry_->tickets->clear(); }
  // Says goodbye if TLS stands; nothing is reported after this.
  void close();

 private:
  void wait_writable();
  void wait_readable();
  void on_writable();
  void on_readable();
  void acknowledge();
  void begin_tls();
  [[nodiscard]] bool receive();  // false: nothing more now, or closed
  [[nodiscard]] bool deliver();  // false: stop reading
  void end(UpstreamFault fault, std::string_view detail);

  Owner& owner_;
  Buffers& buffers_;
  std::shared_ptr<const Entry> entry_;
  ipc::Watch watch_;
  std::optional<tls::Session> session_;
  LinkNumber number_;
  bool established_ = false;
  bool waiting_readable_ = false;
  bool waiting_writable_ = false;
  bool paused_ = false;
  bool delivered_ = false;  // deliver() had plaintext to give
  bool at_end_ = false;     // the server's stream ended; what it sent may still be unread
  bool closed_ = false;
};

}  // namespace dotkeep::upstream
