#include "supervisor/listeners.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <span>

#include "base/ip_address.h"
#include "base/log.h"
#include "supervisor/steering.h"

namespace dotkeep::supervisor {
namespace {

constexpr int kBacklog = 1024;  // connections that wait to be accepted
constexpr int kReceiveBuffer =
    4 * 1024 * 1024;                // some 5,000 queries: a burst while a frontend restarts
constexpr int kFirstInherited = 3;  // SD_LISTEN_FDS_START

std::string why(const std::string& what, int error) {
  std::string text = fmt::format("cannot listen on {}: {}", what, std::strerror(error));
  if (error == EACCES) {
    text +=
        " (start as root, with CAP_NET_BIND_SERVICE, by socket activation, or choose a port from "
        "1024 on)";
  } else if (error == EADDRINUSE) {
    text += " (another program has the port: 'ss -lptun' shows which)";
  } else if (error == EADDRNOTAVAIL) {
    text += " (no interface has this address)";
  }
  return text;
}

void set(int fd, int level, int option, int value) {
  // Each is an improvement, none is needed; a kernel that lacks one still serves.
  static_cast<void>(::setsockopt(fd, level, option, &value, sizeof value));
}

// Accepted sockets have it from their listener: an answer does not wait until the one before it was
// acknowledged, which a client may put off for 40 ms.
void tune_tcp(int fd) {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

void tune_udp(int fd, const IpAddress& address) {
  // Only a socket of all addresses needs to be told which one was asked.
  const int tell = address.is_unspecified() ? 1 : 0;
  if (address.family == 6) {
    set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, tell);
    // 1232 octets and their headers are 1280, which every link carries.
    set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
  } else {
    set(fd, IPPROTO_IP, IP_PKTINFO, tell);
    // No answer is ever cut on its way. What a narrow link does not take, the frontend learns and
    // sends the client to TCP (RFC 9715); a forged ICMP message can do no more than that.
    set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
  }
  // A frontend knows by it whether its queue grows (frontend/backlog.h).
  set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  const int size = kReceiveBuffer;
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    set(fd, SOL_SOCKET, SO_RCVBUF, size);
  }
}

// A filter sees no address, so whoever has taken a frontend could send from its UDP socket to
// anywhere. What listens at a loopback address has nothing to say beyond the loopback interface. A
// kernel that wants a right for it (before 5.7) leaves it as it is. Not for a bound socket of a
// group: it would leave the group.
void keep_on_loopback(int fd, const IpAddress& address) {
  const bool v4 = address.family == 4 && address.octets[0] == IN_LOOPBACKNET;
  const bool v6 = address.family == 6 && address.octets[15] == 1 &&
                  std::ranges::all_of(std::span(address.octets).first(15),
                                      [](std::uint8_t octet) { return octet == 0; });
  if (v4 || v6) static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
}

std::expected<Fd, int> bind_one(const config::Endpoint& endpoint, int type, bool shared) {
  sockaddr_storage address{};
  const socklen_t size = endpoint.to_sockaddr(address);
  Fd fd(::socket(address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(errno);
  const bool v6 = address.ss_family == AF_INET6;
  if (v6) set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (type == SOCK_STREAM) {
    set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    tune_tcp(fd.get());
  }
  if (shared) set(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (type == SOCK_DGRAM) {
    const IpAddress here{endpoint.family, endpoint.address};
    tune_udp(fd.get(), here);
    keep_on_loopback(fd.get(), here);
  }
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0)
    return std::unexpected(errno);
  if (type == SOCK_STREAM && ::listen(fd.get(), kBacklog) != 0) return std::unexpected(errno);
  return fd;
}

// Sockets that share a port let another process of the same user join them and take a part of the
// queries, a second dotkeep by mistake for one: only a socket that does not share finds out.
int in_the_way(const config::Endpoint& endpoint, int type) {
  sockaddr_storage address{};
  const socklen_t size = endpoint.to_sockaddr(address);
  const Fd fd(::socket(address.ss_family, type | SOCK_CLOEXEC, 0));
  if (!fd) return errno;
  if (address.ss_family == AF_INET6) set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (type == SOCK_STREAM) set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0 ? 0 : errno;
}

std::expected<Listener, std::string> bind_group(const config::Endpoint& endpoint, int type,
                                                std::uint32_t frontends) {
  Listener listener;
  listener.what = (type == SOCK_DGRAM ? "udp " : "tcp ") + endpoint.to_text();
  if (frontends > 1) {
    if (const int error = in_the_way(endpoint, type); error != 0) {
      return std::unexpected(why(listener.what, error));
    }
  }
  for (std::uint32_t i = 0; i < frontends; ++i) {
    auto fd = bind_one(endpoint, type, frontends > 1);
    if (!fd) return std::unexpected(why(listener.what, fd.error()));
    listener.sockets.push_back(std::move(*fd));
  }
  if (type == SOCK_DGRAM && frontends > 1 && !steer_by_name(listener.sockets[0].get(), frontends)) {
    log::warning("steering by name is not possible",
                 {{"listener", listener.what}, {"error", std::strerror(errno)}});
  }
  return listener;
}

}  // namespace

std::expected<std::vector<Listener>, std::string> bind_listeners(const config::Config& config,
                                                                 std::uint32_t frontends) {
  std::vector<Listener> listeners;
  for (const config::Listen& listen : config.listeners) {
    for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
      if (!(type == SOCK_DGRAM ? listen.udp : listen.tcp)) continue;
      auto listener = bind_group(listen.endpoint, type, frontends);
      if (!listener) return std::unexpected(listener.error());
      listeners.push_back(std::move(*listener));
    }
  }
  return listeners;
}

std::expected<std::vector<Listener>, std::string> inherited_listeners() {
  std::vector<Listener> listeners;
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  if (pid == nullptr || count == nullptr || std::to_string(::getpid()) != pid) return listeners;
  const int sockets = std::atoi(count);
  if (sockets > static_cast<int>(config::kMaxListeners)) {
    return std::unexpected(fmt::format("LISTEN_FDS hands over {} sockets, more than {}", sockets,
                                       config::kMaxListeners));
  }
  const int last = kFirstInherited + sockets - 1;
  for (int number = kFirstInherited; number <= last; ++number) {
    int type = 0;
    int listening = 0;
    socklen_t size = sizeof type;
    SocketAddress address;
    socklen_t address_size = sizeof address;
    if (::getsockopt(number, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        ::getsockname(number, &address.any, &address_size) != 0 ||
        (address.any.sa_family != AF_INET && address.any.sa_family != AF_INET6) ||
        (type != SOCK_DGRAM && type != SOCK_STREAM)) {
      return std::unexpected(
          fmt::format("descriptor {} of LISTEN_FDS is not a UDP or TCP socket", number));
    }
    size = sizeof listening;
    if (type == SOCK_STREAM &&
        (::getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
         listening == 0)) {
      return std::unexpected(
          fmt::format("descriptor {} of LISTEN_FDS is a TCP socket that does not listen", number));
    }
    Listener listener;
    listener.what =
        fmt::format("{} inherited as descriptor {}", type == SOCK_DGRAM ? "udp" : "tcp", number);
    // Away from the low numbers, where the workers' descriptors will be laid.
    Fd fd(::fcntl(number, F_DUPFD_CLOEXEC, 64));
    ::close(number);
    if (!fd || ::fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0)
      return std::unexpected(why(listener.what, errno));
    if (type == SOCK_STREAM) tune_tcp(fd.get());
    if (type == SOCK_DGRAM) {
      tune_udp(fd.get(), address.ip());
      int shares = 0;
      size = sizeof shares;
      ::getsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &shares, &size);
      if (shares == 0) keep_on_loopback(fd.get(), address.ip());
    }
    listener.sockets.push_back(std::move(fd));
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

}  // namespace dotkeep::supervisor
