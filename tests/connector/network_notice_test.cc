#include "connector/network_notice.h"

#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <cstring>
#include <vector>

#include "ipc/descriptors.h"

namespace dotkeep::connector {
namespace {

// As the kernel writes it, with attributes behind the body.
template <typename Body>
std::vector<std::uint8_t> notice(std::uint16_t type, const Body& body,
                                 std::size_t attributes = 40) {
  std::vector<std::uint8_t> octets(sizeof(nlmsghdr) + sizeof body + attributes);
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(octets.size());
  header.nlmsg_type = type;
  std::memcpy(octets.data(), &header, sizeof header);
  std::memcpy(octets.data() + sizeof header, &body, sizeof body);
  return octets;
}

template <typename Body>
bool matters(std::uint16_t type, const Body& body) {
  const auto octets = notice(type, body);
  const bool whole = may_break_connections(octets);
  // What a socket gives of it says the same; less says nothing.
  EXPECT_EQ(may_break_connections(Octets(octets).first(ipc::kNetworkNotice)), whole);
  EXPECT_FALSE(may_break_connections(Octets(octets).first(sizeof(nlmsghdr) + sizeof body - 1)));
  return whole;
}

ifinfomsg link(unsigned flags, unsigned char family = AF_UNSPEC) {
  return {family, 0, 1, 2, flags, 0};
}
ifaddrmsg address(unsigned char scope, unsigned char family = AF_INET6) {
  return {family, 64, 0, scope, 2};
}
rtmsg route(unsigned char table, unsigned char type, unsigned flags = 0,
            unsigned char family = AF_INET) {
  return {family, 0, 0, 0, table, RTPROT_BOOT, RT_SCOPE_UNIVERSE, type, flags};
}

TEST(NetworkNotice, LinksButLoopbackAndABridgesPorts) {
  EXPECT_TRUE(matters(RTM_NEWLINK, link(IFF_UP | IFF_RUNNING)));
  EXPECT_TRUE(matters(RTM_DELLINK, link(0)));
  EXPECT_FALSE(matters(RTM_NEWLINK, link(IFF_UP | IFF_LOOPBACK)));
  EXPECT_FALSE(matters(RTM_NEWLINK, link(IFF_UP, AF_BRIDGE)));
}

TEST(NetworkNotice, AddressesBeyondTheLink) {
  EXPECT_TRUE(matters(RTM_NEWADDR, address(RT_SCOPE_UNIVERSE)));
  EXPECT_TRUE(matters(RTM_DELADDR, address(RT_SCOPE_SITE, AF_INET)));
  EXPECT_FALSE(matters(RTM_NEWADDR, address(RT_SCOPE_LINK)));
  EXPECT_FALSE(matters(RTM_NEWADDR, address(RT_SCOPE_HOST)));
  EXPECT_FALSE(matters(RTM_NEWADDR, address(RT_SCOPE_UNIVERSE, AF_PACKET)));
}

TEST(NetworkNotice, RoutesThatPacketsTake) {
  EXPECT_TRUE(matters(RTM_NEWROUTE, route(RT_TABLE_MAIN, RTN_UNICAST)));
  EXPECT_TRUE(matters(RTM_DELROUTE, route(42, RTN_UNREACHABLE, 0, AF_INET6)));
  EXPECT_FALSE(matters(RTM_NEWROUTE, route(RT_TABLE_LOCAL, RTN_UNICAST)));
  EXPECT_FALSE(matters(RTM_NEWROUTE, route(RT_TABLE_MAIN, RTN_LOCAL)));
  EXPECT_FALSE(matters(RTM_NEWROUTE, route(RT_TABLE_MAIN, RTN_MULTICAST)));
  EXPECT_FALSE(matters(RTM_NEWROUTE, route(RT_TABLE_MAIN, RTN_UNICAST, RTM_F_CLONED)));
}

TEST(NetworkNotice, NothingElse) {
  EXPECT_FALSE(matters(RTM_NEWNEIGH, route(RT_TABLE_MAIN, RTN_UNICAST)));
  EXPECT_FALSE(matters(NLMSG_ERROR, link(IFF_UP)));
  EXPECT_FALSE(may_break_connections({}));
  auto octets = notice(RTM_NEWLINK, link(IFF_UP));
  const std::uint32_t shorter = 20;  // of itself
  std::memcpy(octets.data(), &shorter, sizeof shorter);
  EXPECT_FALSE(may_break_connections(octets));
}

}  // namespace
}  // namespace dotkeep::connector
