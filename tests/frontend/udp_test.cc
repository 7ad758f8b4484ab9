// A listener's own socket, real datagrams over loopback.
#include "frontend/udp.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <vector>

#include "base/fd.h"
#include "frontend/receive_time.h"

namespace dotkeep::frontend {
namespace {

using std::chrono::milliseconds;

SocketAddress address_of(std::uint32_t ip) {
  SocketAddress address;
  address.v4 = {};
  address.v4.sin_family = AF_INET;
  address.v4.sin_addr.s_addr = htonl(ip);
  return address;
}

void spin(Duration time) {
  const Time until = monotonic_now() + time;
  while (monotonic_now() < until) {
  }
}

// A socket as the supervisor makes it, at a port of its own.
Fd listening(std::uint32_t ip, SocketAddress& address) {
  address = address_of(ip);
  Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  const int yes = 1;
  EXPECT_EQ(::setsockopt(fd.get(), IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes), 0);
  EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes), 0);
  EXPECT_EQ(::bind(fd.get(), &address.any, address.size()), 0);
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(fd.get(), &address.any, &size), 0);
  return fd;
}

// How long a datagram has waited that is taken after so long a time.
Duration seen_after(Duration time) {
  SocketAddress to;
  const Fd fd = listening(INADDR_LOOPBACK, to);
  const Fd client(::socket(AF_INET, SOCK_DGRAM, 0));
  EXPECT_EQ(::sendto(client.get(), "x", 1, 0, &to.any, to.size()), 1);
  spin(time);
  alignas(cmsghdr) std::array<std::uint8_t, 96> control{};
  msghdr header{};
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  EXPECT_EQ(::recvmsg(fd.get(), &header, 0), 0);
  return time_waited(header);
}

// The kernel begins to note when packets come only a moment after the first socket wants it.
void until_time_is_noted() {
  while (seen_after(milliseconds(2)) < milliseconds(1)) {
  }
}

TEST(TimeWaited, IsWhatPassed) {
  SocketAddress other;
  const Fd wants = listening(INADDR_LOOPBACK, other);  // so that the kernel does not stop meanwhile
  until_time_is_noted();
  const Time began = monotonic_now();
  const Duration seen = seen_after(milliseconds(5));
  EXPECT_GE(seen, milliseconds(4));  // two clocks
  EXPECT_LE(seen, monotonic_now() - began + milliseconds(1));
}

TEST(TimeWaited, IsNoneWhenTheKernelSaysNothing) {
  msghdr header{};
  EXPECT_EQ(time_waited(header), Duration::zero());
}

// A listener at 127.0.0.1, or at 0.0.0.0, as the supervisor makes its socket; and a client.
struct World {
  explicit World(bool wildcard) {
    SocketAddress address;
    Fd fd = listening(wildcard ? INADDR_ANY : INADDR_LOOPBACK, address);
    SocketAddress to = address_of(INADDR_LOOPBACK);
    to.v4.sin_port = htons(address.port());
    EXPECT_EQ(::connect(client.get(), &to.any, to.size()), 0);
    listener = std::make_unique<UdpListener>(
        loop, std::move(fd), UdpListener::Number{}, wildcard, counters,
        [this](Octets, const Client& from) { came.push_back(from); });
    listener->start();
  }
  void send(int count) {
    for (int i = 0; i < count; ++i) ASSERT_EQ(::send(client.get(), "x", 1, 0), 1);
  }
  // Takes them after they have waited.
  void take_after(Duration time) {
    spin(time);
    came.clear();
    loop.turn_at_once();
  }

  ipc::Loop loop;
  Counters counters;
  Fd client{::socket(AF_INET, SOCK_DGRAM, 0)};
  std::unique_ptr<UdpListener> listener;
  std::vector<Client> came;
};

class Crowd : public testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(Bound, Crowd, testing::Bool(),
                         [](const auto& wildcard) { return wildcard.param ? "any" : "one"; });

TEST_P(Crowd, IsSeenByHowLongMessagesHaveWaited) {
  World world(GetParam());
  until_time_is_noted();
  Time began = Time::max();  // when a message had waited for too long
  Duration since{};
  while (since < milliseconds(20)) {
    world.send(UdpListener::kBatch);
    world.take_after(milliseconds(11));
    if (began == Time::max()) began = world.loop.now();
    since = world.loop.now() - began;
    ASSERT_EQ(world.came.size(), UdpListener::kBatch);
    for (const Client& from : world.came) EXPECT_EQ(from.crowded, since >= milliseconds(20));
  }
  // Again a short time: as often as it takes on a busy machine.
  Duration waited = milliseconds(10);
  while (waited >= milliseconds(10)) {
    const Time sent = monotonic_now();
    world.send(UdpListener::kBatch);
    world.take_after(milliseconds(0));
    waited = monotonic_now() - sent;
  }
  EXPECT_FALSE(world.came.at(0).crowded);
  // It may be called again at once now, but few are no crowd, however long they have waited.
  world.send(3);
  world.take_after(milliseconds(30));
  EXPECT_FALSE(world.came.at(0).crowded);
}

// The kernel tells of each when it came and, where the listener has many addresses, to which.
TEST(Wildcard, KnowsWhereEachOfABatchWasSentTo) {
  World world(true);
  world.send(UdpListener::kBatch + 1);
  world.take_after(milliseconds(0));
  ASSERT_EQ(world.came.size(), UdpListener::kBatch + 1);
  for (const Client& from : world.came) {
    EXPECT_EQ(std::get<UdpPeer>(from.peer).local, (IpAddress{4, {127, 0, 0, 1}}));
  }
}

}  // namespace
}  // namespace dotkeep::frontend
