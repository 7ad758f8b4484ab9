// A listener's own socket, real datagrams over loopback.
#include "frontend/udp.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <vector>

#include "base/fd.h"

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

// A listener at 127.0.0.1, or at 0.0.0.0, as the supervisor makes its socket; and a client.
struct World {
  explicit World(bool wildcard) {
    SocketAddress address = address_of(wildcard ? INADDR_ANY : INADDR_LOOPBACK);
    Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    const int yes = 1;
    EXPECT_EQ(::setsockopt(fd.get(), IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes), 0);
    EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes), 0);
    EXPECT_EQ(::bind(fd.get(), &address.any, address.size()), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(fd.get(), &address.any, &size), 0);
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
    const Time until = monotonic_now() + time;
    while (monotonic_now() < until) {
    }
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
  world.send(3);
  world.take_after(milliseconds(0));
  ASSERT_EQ(world.came.size(), 3U);
  for (int i = 0; i < 6; ++i) {
    world.send(3);
    world.take_after(milliseconds(11));
    ASSERT_EQ(world.came.size(), 3U);
    // Of six of 11 ms the first began the time, and the last is 55 ms later.
    for (const Client& from : world.came) EXPECT_EQ(from.crowded, i == 5) << i;
  }
  world.send(1);
  world.take_after(milliseconds(0));
  ASSERT_EQ(world.came.size(), 1U);
  EXPECT_FALSE(world.came[0].crowded);
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
