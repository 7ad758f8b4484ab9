#include "connector/open_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace dotkeep::connector {
namespace {

// Data unacknowledged for this long ends the connection: the kernel's own limit is a quarter of an
// hour. The upstream room condemns a silent connection much earlier; this is for idle ones.
constexpr int kUserTimeoutMs = 10'000;

// No segment is longer, ours or (since it is announced) theirs: with its header it fits into 1,280
// octets, which every IPv6 path carries (RFC 8200 section 5) and hardly any IPv4 path does not.
// Where a path carries less than its ends believe and says so to nobody, handshakes with a
// post-quantum key share would be the first to stand still. A server on this machine has no such
// path before it, and there small segments would double what a query costs.
constexpr int kMaxSegment = 1220;

bool is_on_loopback(const config::Endpoint& endpoint) {
  constexpr std::array<std::uint8_t, 16> kLoopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return endpoint.family == 4 ? endpoint.address[0] == 127 : endpoint.address == kLoopback6;
}

}  // namespace

std::expected<Fd, int> open_socket(const config::Endpoint& endpoint) {
  const int family = endpoint.family == 4 ? AF_INET : AF_INET6;
  Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!fd) return std::unexpected(errno);
  // Queries leave at once. A kernel without one of these options still connects.
  const int on = 1;
  static_cast<void>(::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  static_cast<void>(::setsockopt(fd.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMs,
                                 sizeof kUserTimeoutMs));
  if (!is_on_loopback(endpoint)) {
    static_cast<void>(
        ::setsockopt(fd.get(), IPPROTO_TCP, TCP_MAXSEG, &kMaxSegment, sizeof kMaxSegment));
  }
  sockaddr_storage address{};
  const socklen_t size = endpoint.to_sockaddr(address);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 &&
      errno != EINPROGRESS) {
    return std::unexpected(errno);
  }
  return fd;
}

}  // namespace dotkeep::connector
