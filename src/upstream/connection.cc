#include "upstream/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "upstream/fault.h"

namespace dotkeep::upstream {
namespace {

// A server that sends without end must not keep the turn from ending.
constexpr int kMaxReadsPerTurn = 4;

}  // namespace

Connection::Connection(Owner& owner, ipc::Loop& loop, Buffers& buffers, LinkNumber number,
                       std::shared_ptr<const Entry> entry, Fd fd)
    : owner_(owner),
      buffers_(buffers),
      entry_(std::move(entry)),
      watch_(loop, std::move(fd)),
      number_(number) {
  wait_writable();  // connected, or failed to
}

void Connection::wait_writable() {
  if (std::exchange(waiting_writable_, true)) return;
  watch_.when_writable([this] {
    if (!closed_) on_writable();
  });
}

void Connection::wait_readable() {
  if (std::exchange(waiting_readable_, true)) return;
  watch_.when_readable([this] {
    if (!closed_) on_readable();
  });
}

void Connection::on_writable() {
  waiting_writable_ = false;
  if (session_) return flush();
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(watch_.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return end(fault_of_errno(error), words_of_errno(error));
  begin_tls();
}

void Connection::begin_tls() {
  owner_.tcp_connected(number_);
  if (closed_) return;
  auto session =
      tls::Session::client(entry_->trust->context, entry_->identity, entry_->tickets->take());
  if (!session) return end(fault_of(session.error().kind), session.error().detail);
  session_.emplace(std::move(*session));
  flush();
  wait_readable();
}

void Connection::flush() {
  if (closed_ || !session_ || waiting_writable_) return;
  for (Octets out = session_->output(); !out.empty(); out = session_->output()) {
    // Whatever the connector made of it: a slow server must not hold up all others.
    const ssize_t sent = ::send(watch_.fd(), out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      session_->consume_output(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      return wait_writable();
    } else if (errno != EINTR) {
      return;  // reading will tell
    }
  }
}

void Connection::on_readable() {
  waiting_readable_ = false;
  for (int i = 0; i < kMaxReadsPerTurn && receive(); ++i) {
  }
  if (!closed_ && !paused_) wait_readable();
}

void Connection::resume() {
  if (!paused_) return;
  paused_ = false;
  on_readable();
}

bool Connection::receive() {
  if (!deliver()) return false;
  bool drained = false;
  if (!at_end_) {
    auto& buffer = buffers_.ciphertext;
    const ssize_t got = ::recv(watch_.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) return true;
    if (got < 0 && errno == EAGAIN) return false;
    drained = got > 0 && static_cast<std::size_t>(got) < buffer.size();
    if (got <= 0) {  // a reset is an end like any other, except that it has a reason
      if (got < 0 && established_) {
        end(UpstreamFault::closed, words_of_errno(errno));
        return false;
      }
      at_end_ = true;
      session_->feed_end();
    } else if (!session_->feed(Octets(buffer).first(static_cast<std::size_t>(got)))) {
      end(UpstreamFault::resources, "too much unread");  // deliver() had emptied it: cannot be
      return false;
    }
  }
  const auto phase = session_->phase();
  if (phase == tls::Session::Phase::established && !std::exchange(established_, true)) {
    const tls::Summary summary = session_->summary();
    owner_.tls_established(
        number_, {summary.group, summary.cipher, summary.resumed, session_->leaf_not_after(),
                  session_->matched_pin(), session_->unpinned(), session_->undated()});
    if (closed_) return false;
  }
  flush();  // handshake messages, key updates, alerts
  delivered_ = false;
  if (!deliver()) return false;
  if (established_ && !delivered_) acknowledge();
  if (phase == tls::Session::Phase::failed) {
    const tls::Fault& fault = session_->fault();
    end(fault_of(fault.kind), fault.detail);
    return false;
  }
  if (phase == tls::Session::Phase::closed || at_end_) {
    end(established_ ? UpstreamFault::closed : UpstreamFault::closed_in_handshake, {});
    return false;
  }
  return !drained;
}

// What came was no answer: session tickets, after the handshake. A server that waits for them to be
// acknowledged before it sends more (Nagle) would hold the first answer for as long as our kernel
// delays that: 40 ms.
void Connection::acknowledge() {
  const int on = 1;
  static_cast<void>(::setsockopt(watch_.fd(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on));
}

bool Connection::deliver() {
  while (established_) {
    if (!owner_.may_read()) {
      paused_ = true;
      return false;
    }
    const std::size_t size = session_->read(buffers_.plaintext);
    if (tls::Ticket ticket = session_->take_ticket()) entry_->tickets->put(std::move(ticket));
    if (size == 0) break;
    delivered_ = true;
    owner_.plaintext(number_, MutableOctets(buffers_.plaintext).first(size));
    if (closed_) return false;
  }
  return !closed_;
}

void Connection::end(UpstreamFault fault, std::string_view detail) {
  if (!closed_) owner_.ended(number_, fault, detail);
}

void Connection::close() {
  if (closed_) return;
  if (established_) {
    session_->close();
    flush();
  }
  closed_ = true;
}

}  // namespace dotkeep::upstream
