#include "escape/hostile.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>

#include "base/time.h"
#include "ipc/codec.h"
#include "ipc/descriptors.h"

namespace dotkeep::escape {
namespace {

using ipc::kMaxRecord;

constexpr Duration kFloodTime = std::chrono::milliseconds(1500);
std::array<std::uint8_t, kMaxRecord + 4096> record;  // taken before the seal, as all memory is

void say(const char* line) {
  static_cast<void>(!::write(STDERR_FILENO, line, std::strlen(line)));
}

// Waits for room as long as it takes: a peer that dies ends it.
bool send(int wall, std::size_t size, std::span<const int> fds = {}) {
  iovec vector{record.data(), size};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * 8)> control{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* const c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(c), fds.data(), fds.size_bytes());
  }
  while (::sendmsg(wall, &message, MSG_NOSIGNAL) < 0) {
    if (errno == EAGAIN || errno == EINTR) continue;
    if (errno == EPERM) say("stand-in: the kernel sends no descriptor there\n");
    return false;
  }
  return true;
}

template <typename Message>
std::size_t put(const Message& message, std::size_t at = 0) {
  Writer writer(MutableOctets(record).subspan(at, kMaxRecord - at));
  return ipc::encode(message, writer) ? at + writer.size() : at;
}

constexpr std::array<std::uint8_t, 40> kQuery = {0, 0, 1,   0,   0,   1, 0, 0, 0, 0, 0,
                                                 0, 3, 'x', 'y', 'z', 0, 0, 1, 0, 1};

std::size_t ask(std::uint32_t ticket, std::uint64_t upstreams, std::size_t at = 0) {
  return put(ipc::FrontendToUpstream(ipc::Ask{ticket, upstreams, 1000, 21, Octets(kQuery), 0}), at);
}

// One good message of the room to whom `wall` leads.
std::size_t good(Room room, int wall) {
  if (room == kFrontend) return ask(1, 1);
  if (room == kConnector) return put(ipc::ConnectorToUpstream(ipc::NotConnecting{99, 0}));
  if (wall == ipc::kFirstWallFd) return put(ipc::UpstreamToConnector(ipc::Connect{1, 0}));
  return put(ipc::UpstreamToFrontend(ipc::Failure{77, 0, {}}));
}

// For kFloodTime: as many records as the peer takes, of well-formed messages that mean nothing to
// it.
void flood(Room room, int wall) {
  const Time end = monotonic_now() + kFloodTime;
  std::size_t sent = 0;
  for (std::uint32_t i = 0; monotonic_now() < end; ++i) {
    std::size_t size = 0;
    for (std::uint32_t each = 0; each < 200; ++each) {
      const std::uint32_t number = i * 200 + each;
      if (room == kFrontend) {
        size = ask(number, ~std::uint64_t{0},
                   size);  // every upstream that could be, most of which are not
        size = put(ipc::FrontendToUpstream(ipc::IdleTime{number, 1}), size);
      } else if (room == kConnector) {
        size = put(ipc::ConnectorToUpstream(ipc::NotConnecting{number, number}), size);
      } else if (wall == ipc::kFirstWallFd) {
        size = put(
            ipc::UpstreamToConnector(ipc::Connect{number, static_cast<std::uint8_t>(number % 60)}),
            size);
      } else {
        const std::uint32_t ticket = number * 2654435761U;
        size = put(ipc::UpstreamToFrontend(ipc::Answer{ticket, 3, number, Octets(kQuery)}), size);
        size = put(ipc::UpstreamToFrontend(ipc::Failure{ticket, 200, {}}), size);
      }
    }
    if (!send(wall, size)) break;
    ++sent;
  }
  std::array<char, 64> line{};
  std::snprintf(line.data(), line.size(), "stand-in: %zu records sent\n", sent);
  say(line.data());
}

void break_contract(Room room, int wall, const std::string& word) {
  const std::size_t size = good(room, wall);
  const std::array<int, 5> descriptors = {wall, wall, wall, wall, wall};
  if (word == "cut") {
    send(wall, size - 1);
  } else if (word == "oversize") {
    send(wall, kMaxRecord + 1);
  } else if (word == "longer") {
    send(wall, size + 3);
  } else if (word == "garbage") {
    std::ranges::fill(record, std::uint8_t{0xa5});
    send(wall, 1000);
  } else if (word == "kind") {
    record[0] = 200;
    send(wall, size);
  } else if (word == "huge") {
    std::memset(&record[1], 0xff, 4);  // the size that the message says it has
    send(wall, size);
  } else if (word == "descriptor") {
    send(wall, size, std::span(descriptors).first(1));
  } else if (word == "descriptors") {
    send(wall, size, descriptors);
  } else if (word == "nobody") {  // an upstream that no configuration can have; or none at all
    const std::size_t odd =
        room == kFrontend ? ask(1, 0) : put(ipc::UpstreamToConnector(ipc::Connect{1, 250}));
    send(wall, odd);
  } else if (word == "many") {
    std::size_t all = 0;
    for (std::uint32_t i = 0; i < 1000; ++i)
      all = put(ipc::UpstreamToConnector(ipc::Connect{i, 0}), all);
    send(wall, all);
  } else if (word == "unasked") {  // connections that nobody asked for
    for (std::uint32_t i = 0; i < 500; ++i) {
      send(wall, put(ipc::ConnectorToUpstream(ipc::Connecting{i})),
           std::span(descriptors).first(1));
    }
  }
}

// Answers the first question of the frontend with one that is not its own: "id" or "name".
void lie(int wall, const std::string& kind) {
  constexpr Duration kPatience = std::chrono::seconds(5);
  const Time end = monotonic_now() + kPatience;
  ssize_t size = -1;
  iovec vector{record.data(), record.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  while (size <= 0 && monotonic_now() < end) {
    size = ::recvmsg(wall, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  }
  if (size <= 0) return;
  Reader reader(Octets(record).first(static_cast<std::size_t>(size)));
  const auto asked = ipc::decode<ipc::FrontendToUpstream>(reader);
  const auto* const ask = asked ? std::get_if<ipc::Ask>(&*asked) : nullptr;
  if (ask == nullptr) return;
  std::array<std::uint8_t, 512> reply{};
  std::ranges::copy(ask->query.first(std::min(ask->query.size(), reply.size())), reply.begin());
  reply[2] |= 0x80;
  reply[kind == "id" ? 1 : 13] ^= 1;
  const Octets octets = Octets(reply).first(std::min(ask->query.size(), reply.size()));
  send(wall, put(ipc::UpstreamToFrontend(ipc::Answer{ask->ticket, 0, 1, octets})));
}

}  // namespace

std::string hostile_word(const std::string& config, const char* room) {
  const std::string mark = std::string("stand-in-") + room + "-";
  const std::size_t at = config.find(mark);
  if (at == std::string::npos) return {};
  const std::size_t from = at + mark.size();
  return config.substr(from, config.find('"', from) - from);
}

void misbehave(Room room, const std::string& word) {
  if (word == "socket") ::socket(AF_INET, SOCK_DGRAM, 0);
  if (word == "openat") static_cast<void>(::open("/etc/passwd", O_RDONLY));
  volatile bool forever = word == "hang";
  while (forever) {
  }
  if (word == "exit") ::_exit(1);
  if (word == "fault") {
    volatile std::uintptr_t nowhere = 8;
    *reinterpret_cast<volatile int*>(nowhere) = 1;
  }
  // "to-frontend-WORD": the upstream room's second wall; else the first, which each room has.
  constexpr std::string_view kSecond = "to-frontend-";
  const bool second = word.starts_with(kSecond);
  const int wall = second ? ipc::kFirstWallFd + 1 : ipc::kFirstWallFd;
  const std::string what = second ? word.substr(kSecond.size()) : word;
  if (what.starts_with("lie-")) {
    lie(wall, what.substr(4));
  } else if (what == "flood") {
    flood(room, wall);
  } else {
    break_contract(room, wall, what);
  }
}

}  // namespace dotkeep::escape
