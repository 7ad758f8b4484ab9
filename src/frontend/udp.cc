#include "frontend/udp.h"

#include <cerrno>

#include "frontend/cut.h"
#include "frontend/receive_time.h"
#include "frontend/udp_address.h"

namespace dotkeep::frontend {
namespace {

// Batches in a row in one turn: more would keep other sockets waiting.
constexpr int kMaxBatchesPerTurn = 4;
// After a batch of this many more have come by the time that it is answered, as a rule: to look at
// once costs no more than to ask the loop first.
constexpr int kBusyBatch = 8;

}  // namespace

UdpListener::UdpListener(ipc::Loop& loop, Fd fd, Number number, bool wildcard, Counters& counters,
                         OnQuery on_query)
    : loop_(&loop),
      watch_(loop, std::move(fd)),
      number_(number),
      wildcard_(wildcard),
      counters_(&counters),
      on_query_(std::move(on_query)),
      incoming_(std::make_unique<std::array<Incoming, kBatch>>()),
      outgoing_(std::make_unique<std::array<Outgoing, kBatch>>()) {
  for (std::size_t i = 0; i < kBatch; ++i) {
    in_vectors_[i] = {(*incoming_)[i].octets.data(), kMaxQuery};
    in_[i].msg_hdr.msg_iov = &in_vectors_[i];
    in_[i].msg_hdr.msg_iovlen = 1;
    in_[i].msg_hdr.msg_name = &(*incoming_)[i].remote;
    offer(i);
    out_vectors_[i] = {(*outgoing_)[i].octets.data(), 0};
    out_[i].msg_hdr.msg_iov = &out_vectors_[i];
    out_[i].msg_hdr.msg_iovlen = 1;
    out_[i].msg_hdr.msg_name = &(*outgoing_)[i].remote;
  }
}

void UdpListener::start() {
  running_ = true;
  wait();
}

void UdpListener::stop() {
  running_ = false;
}

void UdpListener::wait() {
  watch_.when_readable([this] {
    if (running_) receive();
  });
}

void UdpListener::receive() {
  for (int i = 0; i < kMaxBatchesPerTurn && receive_batch(); ++i) flush();
  wait();
}

// True when there are likely to be more.
bool UdpListener::receive_batch() {
  const int got = ::recvmmsg(watch_.fd(), in_.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (got < 0) return errno == EINTR;  // anything else passes or comes again with the next wait
  // What one batch takes is no queue: it is we who came late, as on a busy machine.
  const bool full = static_cast<std::size_t>(got) == kBatch;
  if (got > 0) {
    backlog_.saw(full ? time_waited(in_[0].msg_hdr) : Duration::zero(), loop_->now());
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
    take(i);
    offer(i);
  }
  return got >= kBusyBatch;
}

// The kernel has written into the headers of those that came; the others are as they were.
void UdpListener::offer(std::size_t index) {
  msghdr& header = in_[index].msg_hdr;
  header.msg_namelen = sizeof(SocketAddress);
  // The first of a batch tells for all how long they have waited.
  const bool tells = wildcard_ || index == 0;
  header.msg_control = tells ? (*incoming_)[index].control.data() : nullptr;
  header.msg_controllen = tells ? kControl : 0;
}

void UdpListener::take(std::size_t index) {
  const Incoming& incoming = (*incoming_)[index];
  // Made in its place: copied right after it was put together of small parts, it would stall the
  // processor, which hands a load no more than what a single store wrote.
  Client client;
  auto& peer = client.peer.emplace<UdpPeer>();
  peer.listener = number_.of_udp;
  peer.remote = incoming.remote;
  if (wildcard_ && !read_local_address(in_[index].msg_hdr, peer)) return;
  client.ip = incoming.remote.ip();
  client.listener = number_.of_all;
  client.crowded = backlog_.stands();
  on_query_(Octets(incoming.octets).first(in_[index].msg_len), client);
}

MutableOctets UdpListener::begin(const UdpPeer& peer) {
  if (out_count_ == kBatch) flush();
  Outgoing& out = (*outgoing_)[out_count_];
  out.remote = peer.remote;
  return out.octets;
}

void UdpListener::commit(const UdpPeer& peer, std::size_t size) {
  Outgoing& out = (*outgoing_)[out_count_];
  msghdr& header = out_[out_count_].msg_hdr;
  header.msg_namelen = out.remote.size();
  header.msg_control = nullptr;
  header.msg_controllen = 0;
  if (wildcard_) {
    header.msg_control = out.control.data();
    header.msg_controllen = kControl;
    write_local_address(peer, header);
  }
  out_vectors_[out_count_].iov_len = size;
  ++out_count_;
}

// The way to this client is narrower than the answer, and fragments are not to be: it is sent to
// TCP.
bool UdpListener::cut(std::size_t index) {
  iovec& vector = out_vectors_[index];
  const std::size_t left =
      cut_to_question(MutableOctets((*outgoing_)[index].octets).first(vector.iov_len));
  if (left == 0) return false;
  vector.iov_len = left;
  ++counters_->cut;
  return true;
}

void UdpListener::flush() {
  std::size_t sent = 0;
  while (sent < out_count_) {
    const int n = ::sendmmsg(watch_.fd(), &out_[sent], static_cast<unsigned>(out_count_ - sent),
                             MSG_NOSIGNAL);
    if (n > 0) {
      sent += static_cast<std::size_t>(n);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EMSGSIZE && cut(sent)) continue;
    // A full socket buffer loses the rest, as any full queue on the way would; anything else, such
    // as a route that is gone, is about the first message alone.
    const std::size_t lost = n < 0 && errno != EAGAIN && errno != ENOBUFS ? 1 : out_count_ - sent;
    counters_->unsent += lost;
    sent += lost;
  }
  out_count_ = 0;
}

}  // namespace dotkeep::frontend
