// Real datagrams over loopback: an answer leaves from the address that the query was sent to.
#include "frontend/udp_address.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>

#include <array>

#include "base/fd.h"

namespace dotkeep::frontend {
namespace {

SocketAddress v4(std::uint32_t address, std::uint16_t port = 0) {
  SocketAddress to;
  to.v4 = {};
  to.v4.sin_family = AF_INET;
  to.v4.sin_port = htons(port);
  to.v4.sin_addr.s_addr = htonl(address);
  return to;
}

SocketAddress v6(const in6_addr& address, std::uint16_t port = 0) {
  SocketAddress to;
  to.v6.sin6_family = AF_INET6;
  to.v6.sin6_port = htons(port);
  to.v6.sin6_addr = address;
  return to;
}

Fd bound(const SocketAddress& address, bool also_v4 = false) {
  Fd fd(::socket(address.any.sa_family, SOCK_DGRAM, 0));
  const int no = also_v4 ? 0 : 1;
  const int yes = 1;
  if (address.any.sa_family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &yes, sizeof yes);
  } else {
    ::setsockopt(fd.get(), IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
  }
  return ::bind(fd.get(), &address.any, address.size()) == 0 ? std::move(fd) : Fd();
}

std::uint16_t port_of(const Fd& fd) {
  SocketAddress address;
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(fd.get(), &address.any, &size), 0);
  return address.port();
}

bool readable(const Fd& fd) {
  pollfd one{fd.get(), POLLIN, 0};
  return ::poll(&one, 1, 5000) == 1;
}

// What a datagram's receiver sees of it.
struct Received {
  bool told = false;
  UdpPeer peer;
};

Received receive(const Fd& fd) {
  Received received;
  alignas(cmsghdr) std::array<std::uint8_t, 64> control{};
  std::array<std::uint8_t, 16> octets{};
  iovec vector{octets.data(), octets.size()};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_name = &received.peer.remote;
  header.msg_namelen = sizeof received.peer.remote;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  if (!readable(fd) || ::recvmsg(fd.get(), &header, 0) < 0) {
    ADD_FAILURE() << "nothing came";
    return received;
  }
  received.told = read_local_address(header, received.peer);
  return received;
}

bool respond(const Fd& fd, UdpPeer& peer) {
  alignas(cmsghdr) std::array<std::uint8_t, 64> control{};
  std::array<std::uint8_t, 4> octets{};
  iovec vector{octets.data(), octets.size()};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_name = &peer.remote;
  header.msg_namelen = peer.remote.size();
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  write_local_address(peer, header);
  EXPECT_LE(header.msg_controllen, control.size());
  return ::sendmsg(fd.get(), &header, 0) == static_cast<ssize_t>(octets.size());
}

// The client asks `to` from a socket of its own; where the answer came from.
SocketAddress answered_from(const Fd& server, const SocketAddress& client_address,
                            const SocketAddress& to, IpAddress expected_local) {
  SocketAddress from;
  const Fd client = bound(client_address);
  if (!client || ::sendto(client.get(), "x", 1, 0, &to.any, to.size()) != 1) {
    ADD_FAILURE() << "the query was not sent";
    return from;
  }
  Received query = receive(server);
  EXPECT_TRUE(query.told);
  EXPECT_EQ(query.peer.local, expected_local);
  EXPECT_EQ(query.peer.interface, 0U);
  EXPECT_EQ(query.peer.remote.port(), port_of(client));
  EXPECT_TRUE(respond(server, query.peer));
  return receive(client).peer.remote;
}

TEST(UdpAddress, OfAWildcardListenerIsTheOneThatWasAsked) {
  const Fd server = bound(v4(INADDR_ANY));
  ASSERT_TRUE(server);
  const std::uint16_t port = port_of(server);
  // 127.0.0.1 would be chosen by the kernel; the others only because we say so.
  for (const std::uint32_t address : {0x7f000001U, 0x7f000002U, 0x7f010203U}) {
    const SocketAddress to = v4(address, port);
    const SocketAddress from = answered_from(server, v4(0x7f000001), to, to.ip());
    EXPECT_EQ(from.ip(), to.ip());
    EXPECT_EQ(from.port(), port);
  }
}

TEST(UdpAddress, OfAWildcardListenerOfIpv6Likewise) {
  const Fd server = bound(v6(in6addr_any));
  if (!server) GTEST_SKIP() << "no IPv6 here";
  const SocketAddress to = v6(in6addr_loopback, port_of(server));
  EXPECT_EQ(answered_from(server, v6(in6addr_loopback), to, to.ip()).ip(), to.ip());
}

// Such a socket can come from systemd (BindIPv6Only=both).
TEST(UdpAddress, OfASocketForBothFamilies) {
  const Fd server = bound(v6(in6addr_any), true);
  if (!server) GTEST_SKIP() << "no IPv6 here";
  const SocketAddress to = v4(0x7f000002, port_of(server));
  const Fd client = bound(v4(0x7f000001));
  ASSERT_EQ(::sendto(client.get(), "x", 1, 0, &to.any, to.size()), 1);
  Received query = receive(server);
  EXPECT_TRUE(query.told);
  EXPECT_EQ(query.peer.remote.ip(), v4(0x7f000001).ip());  // access rules for IPv4 hold
  ASSERT_TRUE(respond(server, query.peer));
  EXPECT_EQ(receive(client).peer.remote.ip(), to.ip());
}

TEST(UdpAddress, WhereTheKernelDoesNotTellIsNotKnown) {
  msghdr header{};
  UdpPeer peer;
  EXPECT_FALSE(read_local_address(header, peer));
}

TEST(UdpAddress, ALinkLocalAddressNamesItsLinkAndNoOtherDoes) {
  in6_pktinfo info{};
  info.ipi6_ifindex = 3;
  alignas(cmsghdr) std::array<std::uint8_t, 64> control{};
  msghdr header{};
  header.msg_control = control.data();
  header.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* c = CMSG_FIRSTHDR(&header);
  c->cmsg_level = IPPROTO_IPV6;
  c->cmsg_type = IPV6_PKTINFO;
  c->cmsg_len = CMSG_LEN(sizeof info);
  const auto interface = [&](const in6_addr& address) {
    info.ipi6_addr = address;
    std::memcpy(CMSG_DATA(c), &info, sizeof info);
    UdpPeer peer;
    EXPECT_TRUE(read_local_address(header, peer));
    return peer.interface;
  };
  in6_addr link_local{};
  link_local.s6_addr[0] = 0xfe;
  link_local.s6_addr[1] = 0x80;
  EXPECT_EQ(interface(link_local), 3U);
  EXPECT_EQ(interface(in6addr_loopback), 0U);
}

}  // namespace
}  // namespace dotkeep::frontend
