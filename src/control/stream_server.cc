#include "control/stream_server.h"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace dotkeep::control {
namespace {

using namespace std::chrono_literals;

// From the first octet that could come to the last of the request, and from the request to the last
// octet taken of the answer. A scraper next door needs milliseconds.
constexpr Duration kRequestTime = 3s;
constexpr Duration kAnswerTime = 5s;
// Out of descriptors: some will be back soon.
constexpr Duration kAcceptPause = 250ms;
constexpr int kMaxAcceptsPerTurn = 8;
// What came behind the request is read away before closing, since the kernel would tear up the
// answer along with what was left unread. Not without end.
constexpr int kMaxDiscards = 16;

// MSG_CMSG_CLOEXEC so that one line of the policy does for walls and streams.
ssize_t receive(int fd, char* to, std::size_t size) {
  iovec buffer{to, size};
  msghdr header{};  // no place for descriptors: the kernel closes what is passed
  header.msg_iov = &buffer;
  header.msg_iovlen = 1;
  ssize_t got = 0;
  do got = ::recvmsg(fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  return got;
}

}  // namespace

StreamServer::StreamServer(ipc::Loop& loop, Limits limits, Tally& tally, OnInput on_input)
    : loop_(&loop),
      limits_(limits),
      tally_(&tally),
      on_input_(std::move(on_input)),
      places_(limits.places) {
  for (Place& place : places_) {
    place.in = std::make_unique_for_overwrite<char[]>(limits.input);
    place.out = std::make_unique_for_overwrite<char[]>(limits.answer);
  }
}

void StreamServer::listen(Fd fd) {
  listener_ = std::make_unique<ipc::Watch>(*loop_, std::move(fd));
}

void StreamServer::start() {
  if (listener_ != nullptr) wait_accept();
}

void StreamServer::wait_accept() {
  listener_->when_readable([this] { accept_some(); });
}

void StreamServer::accept_some() {
  for (int i = 0; i < kMaxAcceptsPerTurn; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    Fd fd(::accept4(listener_->fd(), reinterpret_cast<sockaddr*>(&address), &size,
                    SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      admit(std::move(fd), peer_of(address));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      accept_again_ = loop_->now() + kAcceptPause;
      return;
    }
    if (errno == EAGAIN) break;
  }
  wait_accept();
}

StreamServer::Peer StreamServer::peer_of(const sockaddr_storage& address) {
  Peer peer{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    peer[0] = 4;
    std::memcpy(&peer[1], &v4.sin_addr, 4);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    peer[0] = 6;
    std::memcpy(&peer[1], &v6.sin6_addr, 8);
  }
  return peer;
}

// Who comes counts too: of several with as many, it gives way itself before another does.
std::size_t StreamServer::free_place(const Peer& peer) {
  const auto found = std::ranges::find(places_, Phase::free, &Place::phase);
  if (found != places_.end()) return static_cast<std::size_t>(found - places_.begin());
  const auto crowd = [&](const Place& place) {
    return std::ranges::count(places_, place.peer, &Place::peer) + (place.peer == peer ? 1 : 0);
  };
  const auto goes = std::ranges::min_element(places_, [&](const Place& a, const Place& b) {
    const auto crowd_a = crowd(a);
    const auto crowd_b = crowd(b);
    return crowd_a != crowd_b ? crowd_a > crowd_b : a.accepted < b.accepted;
  });
  const auto place = static_cast<std::size_t>(goes - places_.begin());
  ++tally_->evicted;
  close(place);
  return place;
}

void StreamServer::admit(Fd fd, const Peer& peer) {
  const std::size_t number = free_place(peer);
  Place& place = places_[number];
  place.watch = std::make_unique<ipc::Watch>(*loop_, std::move(fd));
  place.phase = Phase::reading;
  place.peer = peer;
  place.accepted = loop_->now();
  place.deadline = place.accepted + kRequestTime;
  place.in_size = place.out_size = place.sent = 0;
  wait_readable(number);
}

StreamServer::Place* StreamServer::find(Id id) {
  Place& place = places_[id.place];
  return place.generation == id.generation && place.phase != Phase::free ? &place : nullptr;
}

void StreamServer::wait_readable(std::size_t number) {
  places_[number].watch->when_readable([this, number] { read(number); });
}

void StreamServer::read(std::size_t number) {
  Place& place = places_[number];
  const ssize_t got =
      receive(place.watch->fd(), place.in.get() + place.in_size, limits_.input - place.in_size);
  if (got < 0 && errno == EAGAIN) return wait_readable(number);
  if (got <= 0) return close(number);
  place.in_size += static_cast<std::size_t>(got);
  Text out({place.out.get(), limits_.answer});
  switch (on_input_({place.in.get(), place.in_size}, out, id_of(number))) {
    case Verdict::more:
      // The parsers refuse what is too long before this.
      return place.in_size == limits_.input ? close(number) : wait_readable(number);
    case Verdict::answered:
      return begin_answer(number, out.size());
    case Verdict::later:
      place.phase = Phase::waiting;
      place.deadline = loop_->now() + kAnswerTime;
      return;
    case Verdict::close:
      return close(number);
  }
}

void StreamServer::answer(Id id, std::string_view text) {
  Place* const place = find(id);
  if (place == nullptr || place->phase != Phase::waiting) return;
  Text out({place->out.get(), limits_.answer});
  out.raw(text);
  begin_answer(id.place, out.size());
}

void StreamServer::begin_answer(std::size_t number, std::size_t size) {
  Place& place = places_[number];
  place.phase = Phase::writing;
  place.out_size = size;
  place.deadline = loop_->now() + kAnswerTime;
  write(number);
}

void StreamServer::write(std::size_t number) {
  Place& place = places_[number];
  while (place.sent < place.out_size) {
    iovec buffer{place.out.get() + place.sent, place.out_size - place.sent};
    msghdr header{};
    header.msg_iov = &buffer;
    header.msg_iovlen = 1;
    const ssize_t sent = ::sendmsg(place.watch->fd(), &header, MSG_NOSIGNAL);
    if (sent > 0) {
      place.sent += static_cast<std::size_t>(sent);
    } else if (sent < 0 && errno == EINTR) {
      continue;
    } else if (sent < 0 && errno == EAGAIN) {
      place.watch->when_writable([this, number] { write(number); });
      return;
    } else {
      return close(number);
    }
  }
  finish(number);
}

void StreamServer::finish(std::size_t number) {
  Place& place = places_[number];
  for (int i = 0; i < kMaxDiscards; ++i) {
    if (receive(place.watch->fd(), place.in.get(), limits_.input) <= 0) break;
  }
  close(number);
}

void StreamServer::close(std::size_t number) {
  Place& place = places_[number];
  place.watch.reset();
  place.phase = Phase::free;
  ++place.generation;
}

Time StreamServer::tick(Time now) {
  Time next = Time::max();
  if (now >= accept_again_) {
    accept_again_ = Time::max();
    wait_accept();
  }
  next = std::min(next, accept_again_);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].phase == Phase::free) continue;
    if (now >= places_[i].deadline) {
      ++tally_->overdue;
      close(i);
    } else {
      next = std::min(next, places_[i].deadline);
    }
  }
  return next;
}

}  // namespace dotkeep::control
