// Binding on loopback, and what is said when that fails.
#include "supervisor/listeners.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <string_view>

#include "base/fd.h"
#include "base/ip_address.h"
#include "tests/sandbox/child.h"

namespace dotkeep::supervisor {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Port 0, which no configuration can name, is one that the kernel chooses.
config::Config listening_on(std::string_view address, std::uint16_t port, bool udp = true,
                            bool tcp = true) {
  config::Config config = config::defaults();
  config.listeners.push_back({config::parse_endpoint(address, 53).value(), udp, tcp, {}, {}});
  config.listeners[0].endpoint.port = port;
  return config;
}

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

std::uint16_t port_of(int fd) {
  SocketAddress address;
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(fd, &address.any, &size), 0);
  return address.port();
}

TEST(BindListeners, OneForEachProtocol) {
  const auto listeners = bind_listeners(listening_on("127.0.0.1", 0), 1);
  ASSERT_TRUE(listeners) << listeners.error();
  ASSERT_THAT(*listeners, SizeIs(2));
  EXPECT_EQ((*listeners)[0].what, "udp 127.0.0.1:0");
  EXPECT_EQ((*listeners)[1].what, "tcp 127.0.0.1:0");
  const int udp = (*listeners)[0].socket_of(0);
  const int tcp = (*listeners)[1].socket_of(0);
  EXPECT_EQ(option(udp, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
  EXPECT_EQ(option(udp, SOL_SOCKET, SO_REUSEPORT), 0);  // nobody else may join
  EXPECT_EQ(option(udp, SOL_SOCKET, SO_TIMESTAMPNS), 1);
  EXPECT_EQ(option(udp, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_DO);
  EXPECT_EQ(option(tcp, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
  EXPECT_EQ(option(tcp, SOL_SOCKET, SO_ACCEPTCONN), 1);
  EXPECT_EQ(option(tcp, IPPROTO_TCP, TCP_NODELAY), 1);
}

// The frontend may not set anything: what it accepts must be as its listener is.
TEST(BindListeners, AcceptedConnectionsSendAtOnce) {
  const auto listeners = bind_listeners(listening_on("127.0.0.1", 0, false, true), 1);
  ASSERT_TRUE(listeners) << listeners.error();
  SocketAddress address;
  socklen_t size = sizeof address;
  const int tcp = (*listeners)[0].socket_of(0);
  ASSERT_EQ(::getsockname(tcp, &address.any, &size), 0);
  const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(client.get(), &address.any, size), 0);
  const Fd accepted(::accept4(tcp, nullptr, nullptr, SOCK_CLOEXEC));
  ASSERT_TRUE(accepted);
  EXPECT_EQ(option(accepted.get(), IPPROTO_TCP, TCP_NODELAY), 1);
}

bool has_ipv6() {
  const Fd fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = in6addr_loopback;
  return fd && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) == 0;
}

TEST(BindListeners, OnlyTheProtocolsAskedFor) {
  const auto udp = bind_listeners(listening_on("127.0.0.1", 0, true, false), 1);
  ASSERT_THAT(udp.value(), SizeIs(1));
  EXPECT_THAT((*udp)[0].what, StartsWith("udp"));
  const auto tcp = bind_listeners(listening_on("127.0.0.1", 0, false, true), 1);
  ASSERT_THAT(tcp.value(), SizeIs(1));
  EXPECT_THAT((*tcp)[0].what, StartsWith("tcp"));
}

TEST(BindListeners, Ipv6IsApartFromIpv4) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
  const auto listeners = bind_listeners(listening_on("[::1]", 0, true, false), 1);
  ASSERT_TRUE(listeners) << listeners.error();
  const int fd = (*listeners)[0].socket_of(0);
  EXPECT_EQ(option(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
  EXPECT_EQ(option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_DO);
}

// What is told with every datagram costs every datagram.
TEST(BindListeners, OnlyWhatListensAtAllAddressesIsToldWhichWasAsked) {
  const auto one = bind_listeners(listening_on("127.0.0.1", 0, true, false), 1);
  const auto all = bind_listeners(listening_on("0.0.0.0", 0, true, false), 1);
  EXPECT_EQ(option(one.value()[0].socket_of(0), IPPROTO_IP, IP_PKTINFO), 0);
  EXPECT_EQ(option(all.value()[0].socket_of(0), IPPROTO_IP, IP_PKTINFO), 1);
  const auto one_v6 = bind_listeners(listening_on("[::1]", 0, true, false), 1);
  const auto all_v6 = bind_listeners(listening_on("[::]", 0, true, false), 1);
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
  ASSERT_TRUE(one_v6 && all_v6);
  EXPECT_EQ(option((*one_v6)[0].socket_of(0), IPPROTO_IPV6, IPV6_RECVPKTINFO), 0);
  EXPECT_EQ(option((*all_v6)[0].socket_of(0), IPPROTO_IPV6, IPV6_RECVPKTINFO), 1);
}

// A port that was free a moment ago: port 0 would give each socket of a group another one.
std::uint16_t free_port() {
  const auto listeners = bind_listeners(listening_on("127.0.0.1", 0), 1);
  return port_of((*listeners)[0].socket_of(0));
}

TEST(BindListeners, EachFrontendHasItsOwnSocketOfTheGroup) {
  const std::uint16_t port = free_port();
  const auto listeners = bind_listeners(listening_on("127.0.0.1", port), 3);
  ASSERT_TRUE(listeners) << listeners.error();
  for (const Listener& listener : *listeners) {
    ASSERT_THAT(listener.sockets, SizeIs(3));
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(listener.socket_of(i), listener.sockets[i].get());
      EXPECT_EQ(port_of(listener.socket_of(i)), port);
    }
    EXPECT_EQ(listener.socket_of(3), listener.socket_of(0));
  }
}

TEST(BindListeners, APortInUseIsSaidWithWhatToDo) {
  const auto first = bind_listeners(listening_on("127.0.0.1", 0, false, true), 1);
  ASSERT_TRUE(first) << first.error();
  const std::uint16_t port = port_of((*first)[0].socket_of(0));
  const auto second = bind_listeners(listening_on("127.0.0.1", port, false, true), 1);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), "cannot listen on tcp 127.0.0.1:" + std::to_string(port) +
                                ": Address already in use (another program has the port: "
                                "'ss -lptun' shows which)");
}

// Those of a group share their port, and would share it with another dotkeep's.
TEST(BindListeners, TwoGroupsDoNotShareAPort) {
  const std::uint16_t port = free_port();
  const auto first = bind_listeners(listening_on("127.0.0.1", port), 2);
  ASSERT_TRUE(first) << first.error();
  for (const bool udp : {true, false}) {
    const auto second = bind_listeners(listening_on("127.0.0.1", port, udp, !udp), 2);
    ASSERT_FALSE(second) << udp;
    EXPECT_THAT(second.error(), HasSubstr("Address already in use"));
  }
}

TEST(BindListeners, AnAddressThatIsNotOursIsSaid) {
  const auto listeners = bind_listeners(listening_on("192.0.2.1", 5353), 1);
  ASSERT_FALSE(listeners);
  EXPECT_THAT(listeners.error(), StartsWith("cannot listen on udp 192.0.2.1:5353: "));
  EXPECT_THAT(listeners.error(), EndsWith("(no interface has this address)"));
}

TEST(BindListeners, ALowPortWithoutTheRightIsSaidWithWhatToDo) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become nobody";
  int first_free = 1024;
  std::ifstream("/proc/sys/net/ipv4/ip_unprivileged_port_start") >> first_free;
  if (first_free <= 1) GTEST_SKIP() << "every port is free for all here";
  EXPECT_EQ(test::in_child([] {
              if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 99;
              const auto listeners = bind_listeners(listening_on("127.0.0.1", 1), 1);
              if (listeners) return 1;
              return listeners.error().find("CAP_NET_BIND_SERVICE") != std::string::npos ? 0 : 2;
            }),
            test::exited(0));
}

}  // namespace
}  // namespace dotkeep::supervisor
