#include "frontend/tcp.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "dns/types.h"
#include "frontend/admission_settings.h"

namespace dotkeep::frontend {
namespace {

constexpr int kMaxAcceptsPerTurn = 32;  // a storm of connections must not keep queries waiting

}  // namespace

TcpServer::TcpServer(ipc::Loop& loop, const config::Config& config, std::uint32_t capacity,
                     const admission::Gate& gate, Counters& counters, Ledger& ledger,
                     OnQuery on_query)
    : loop_(&loop),
      gate_(&gate),
      counters_(&counters),
      ledger_(&ledger),
      on_query_(std::move(on_query)),
      per_client_(config.limits.tcp_per_client),
      clients_(capacity, client_prefixes(config)),
      capacity_(capacity),
      slots_(std::make_unique<TcpClient[]>(capacity_)),
      inputs_(std::make_unique_for_overwrite<std::uint8_t[]>(capacity_ * kTcpInput)),
      order_(capacity),
      response_(std::make_unique_for_overwrite<std::uint8_t[]>(2 + dns::kMaxMessage)) {
  free_.reserve(capacity_);
  dirty_.reserve(capacity_);
  for (std::uint32_t slot = capacity_; slot-- > 0;) {
    slots_[slot].in = {inputs_.get() + slot * kTcpInput, kTcpInput};
    free_.push_back(slot);
  }
}

void TcpServer::add_listener(Fd fd, const Bound& bound) {
  bound_.push_back(bound);
  listeners_.push_back(std::make_unique<ipc::Watch>(*loop_, std::move(fd)));
  accept_paused_.push_back(false);
}

void TcpServer::start() {
  running_ = true;
  for (std::size_t i = 0; i < listeners_.size(); ++i) wait_accept(i);
}

void TcpServer::stop() {
  running_ = false;
}

bool TcpServer::all_sent() const {
  return std::all_of(slots_.get(), slots_.get() + capacity_,
                     [](const TcpClient& client) { return client.out.size() == 0; });
}

// --- accepting

void TcpServer::wait_accept(std::size_t listener) {
  listeners_[listener]->when_readable([this, listener] {
    if (running_) accept_some(listener);
  });
}

void TcpServer::accept_some(std::size_t listener) {
  for (int i = 0; i < kMaxAcceptsPerTurn; ++i) {
    SocketAddress remote;
    socklen_t size = sizeof remote;
    Fd fd(::accept4(listeners_[listener]->fd(), &remote.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      admit(std::move(fd), remote, bound_[listener]);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      accept_paused_[listener] = true;
      return;
    }
    if (errno == EAGAIN) break;
    // Anything else (ECONNABORTED, a network error of the new connection) is that connection's end.
  }
  wait_accept(listener);
}

void TcpServer::admit(Fd fd, const SocketAddress& remote, const Bound& bound) {
  const IpAddress ip = remote.ip();
  if (const auto why = gate_->refuses({ip, remote.port()}, bound.at, bound.number)) {
    refuse(ip, bound, *why);
    return;
  }
  if (clients_.count(ip) >= per_client_ || (free_.empty() && !evict_for(ip)) ||
      !clients_.add(ip, per_client_)) {
    refuse(ip, bound, admission::Reason::tcp_full);
    return;
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  TcpClient& client = slots_[slot];
  client.watch = std::make_unique<ipc::Watch>(*loop_, std::move(fd));
  client.ip = ip;
  client.listener = bound.number;
  client.in_size = 0;
  client.in_flight = 0;
  client.reading = client.writing = client.dirty = client.peer_done = client.spoke = false;
  client.message_begun = Time::max();
  client.last_active = client.last_progress = loop_->now();
  order_.touch(slot);
  ++counters_->tcp_accepted;
  ++open_;
  wait_readable(slot);
}

void TcpServer::refuse(const IpAddress& client, const Bound& bound, admission::Reason why) {
  counters_->refuse(dns::Transport::tcp, why);
  ledger_->refused(bound.number, why, client);
}

// Of the connections that have been idle for longest the one whose client has most of them makes
// room: a crowd of one client's pays for itself. Where all of them wait for answers, so that each
// would lose something, the one does whose client has more than the newcomer would have. False:
// there is none.
bool TcpServer::evict_for(const IpAddress& newcomer) {
  constexpr int kIdleLooked = 16;   // candidates
  constexpr int kBusyLooked = 256;  // that are passed over to find them
  struct Chosen {
    std::uint32_t slot = IdleOrder::kNone;
    std::uint32_t of_client = 0;
    int looked = 0;
  };
  Chosen idle;
  Chosen busy;
  busy.of_client = clients_.count(newcomer) + 1;
  for (std::uint32_t slot = order_.first();
       slot != IdleOrder::kNone && idle.looked < kIdleLooked && busy.looked < kBusyLooked;
       slot = order_.after(slot)) {
    Chosen& among = slots_[slot].is_idle() ? idle : busy;
    ++among.looked;
    const std::uint32_t count = clients_.count(slots_[slot].ip);
    if (count > among.of_client) {
      among.of_client = count;
      among.slot = slot;
    }
  }
  const std::uint32_t chosen = idle.slot != IdleOrder::kNone ? idle.slot : busy.slot;
  if (chosen == IdleOrder::kNone) return false;
  ++counters_->tcp_evicted;
  close(chosen);
  return true;
}

// --- reading

void TcpServer::wait_readable(std::uint32_t slot) {
  TcpClient& client = slots_[slot];
  if (client.reading || !running_) return;
  client.reading = true;
  client.watch->when_readable([this, slot] {
    slots_[slot].reading = false;
    if (running_) read(slot);
  });
}

void TcpServer::read(std::uint32_t slot) {
  TcpClient& client = slots_[slot];
  const ssize_t got = ::recv(client.watch->fd(), client.in.data() + client.in_size,
                             client.in.size() - client.in_size, MSG_DONTWAIT);
  if (got < 0 && errno != EAGAIN && errno != EINTR) {
    close(slot);
    return;
  }
  if (got == 0) {
    client.peer_done = true;
    client.message_begun = Time::max();
    if (client.in_flight == 0 && client.out.size() == 0) close(slot);
    return;
  }
  if (got > 0) {
    client.in_size += static_cast<std::size_t>(got);
    client.spoke = true;
  }
  take_frames(slot);
}

void TcpServer::take_frames(std::uint32_t slot) {
  TcpClient& client = slots_[slot];
  Octets message;
  const std::uint32_t generation = client.generation;
  while (running_ && !client.must_pause()) {
    const TcpClient::Frame frame = client.frame(message);
    if (frame == TcpClient::Frame::too_long) {
      ++counters_->tcp_oversize;
      close(slot);
      return;
    }
    if (frame == TcpClient::Frame::partial) {
      // The clock of a message starts with its first octet.
      if (client.in_size == 0) {
        client.message_begun = Time::max();
      } else if (client.message_begun == Time::max()) {
        client.message_begun = loop_->now();
      }
      wait_readable(slot);
      return;
    }
    client.message_begun = Time::max();
    client.last_active = loop_->now();
    order_.touch(slot);
    ++client.in_flight;
    const bool answers =
        on_query_(message, Client{client.ip, TcpPeer{slot, generation}, false, client.listener});
    if (client.generation != generation) return;
    if (!answers) --client.in_flight;
    client.drop_frame(message.size());
  }
}

// --- sending

TcpClient* TcpServer::find(const TcpPeer& peer) {
  TcpClient& client = slots_[peer.slot];
  return client.watch != nullptr && client.generation == peer.generation ? &client : nullptr;
}

MutableOctets TcpServer::begin(const TcpPeer& peer) {
  if (find(peer) == nullptr) return {};
  return {response_.get() + 2, dns::kMaxMessage};
}

void TcpServer::commit(const TcpPeer& peer, std::size_t size) {
  TcpClient* client = find(peer);
  if (client == nullptr) return;
  response_[0] = static_cast<std::uint8_t>(size >> 8);
  response_[1] = static_cast<std::uint8_t>(size);
  if (client->out.size() == 0) client->last_progress = loop_->now();
  --client->in_flight;
  if (client->out.size() + size > kTcpOutLimit || !make_room(OutQueue::cost(2 + size), *client) ||
      !client->out.push({response_.get(), 2 + size})) {
    ++counters_->tcp_slow;
    close(peer.slot);
    return;
  }
  unsent_ += OutQueue::cost(2 + size);
  mark_dirty(peer.slot);
}

// Few that read slowly must not take the memory that all need: whoever holds most of it goes.
// False: that is `wanting` itself. Cost: a walk over all slots for each that is closed.
bool TcpServer::make_room(std::size_t octets, const TcpClient& wanting) {
  while (unsent_ + octets > kTcpOutTotal) {
    std::uint32_t most = 0;
    for (std::uint32_t slot = 1; slot < capacity_; ++slot) {
      if (slots_[slot].out.held() > slots_[most].out.held()) most = slot;
    }
    if (&slots_[most] == &wanting || slots_[most].watch == nullptr) return false;
    ++counters_->tcp_slow;
    close(most);
  }
  return true;
}

void TcpServer::mark_dirty(std::uint32_t slot) {
  if (slots_[slot].dirty) return;
  slots_[slot].dirty = true;
  dirty_.push_back(slot);
}

void TcpServer::flush() {
  // Sending may make room to take frames that had waited, and those make answers: the list may
  // grow.
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    const std::uint32_t slot = dirty_[i];
    if (!slots_[slot].dirty) continue;
    slots_[slot].dirty = false;
    if (slots_[slot].watch != nullptr) send(slot);
  }
  dirty_.clear();
}

void TcpServer::wait_writable(std::uint32_t slot) {
  TcpClient& client = slots_[slot];
  if (client.writing) return;
  client.writing = true;
  client.watch->when_writable([this, slot] {
    slots_[slot].writing = false;
    send(slot);
  });
}

void TcpServer::send(std::uint32_t slot) {
  TcpClient& client = slots_[slot];
  const std::size_t before = client.out.size();
  const std::size_t held_before = client.out.held();
  const bool whole = client.out.send(client.watch->fd());
  unsent_ -= held_before - client.out.held();
  if (!whole) {
    close(slot);
    return;
  }
  if (client.out.size() < before) {
    client.last_progress = client.last_active = loop_->now();
    order_.touch(slot);
  }
  if (client.out.size() != 0) wait_writable(slot);
  if (client.peer_done) {
    if (client.in_flight == 0 && client.out.size() == 0) close(slot);
    return;
  }
  // A paused reader goes on with what it had read before.
  if (!client.reading && !client.must_pause()) take_frames(slot);
}

// --- ending

void TcpServer::close(std::uint32_t slot) {
  TcpClient& client = slots_[slot];
  client.watch.reset();
  unsent_ -= client.out.held();
  client.out.clear();
  ++client.generation;
  order_.remove(slot);
  clients_.remove(client.ip);
  free_.push_back(slot);
  --open_;
}

void TcpServer::tick(Time now) {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (!accept_paused_[i]) continue;
    accept_paused_[i] = false;
    wait_accept(i);
  }
  if (open_ == 0) return;
  const Duration idle = idle_time();
  for (std::uint32_t slot = 0; slot < capacity_; ++slot) {
    if (slots_[slot].watch == nullptr) continue;
    const TcpClient::Overdue overdue = slots_[slot].overdue(now, idle);
    if (overdue == TcpClient::Overdue::no) continue;
    if (overdue == TcpClient::Overdue::slow) ++counters_->tcp_slow;
    close(slot);
  }
}

}  // namespace dotkeep::frontend
