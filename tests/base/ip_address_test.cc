#include "base/ip_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include "tests/base/hex.h"

namespace dotkeep {
namespace {

in6_addr six(const char* text) {
  in6_addr address{};
  EXPECT_EQ(::inet_pton(AF_INET6, text, &address), 1) << text;
  return address;
}

IpAddress four(const char* text) {
  in_addr address{};
  EXPECT_EQ(::inet_pton(AF_INET, text, &address), 1) << text;
  return IpAddress::from(address);
}

TEST(IpAddress, OfEitherFamily) {
  EXPECT_EQ(to_hex(four("192.0.2.1").view()), "c0000201");
  EXPECT_EQ(to_hex(IpAddress::from(six("2001:db8::1")).view()), "20010db8000000000000000000000001");
  EXPECT_NE(four("0.0.0.0"), IpAddress::from(six("::")));
}

TEST(IpAddress, MappedIsIpv4AndNothingElseIs) {
  EXPECT_EQ(IpAddress::from(six("::ffff:192.0.2.1")), four("192.0.2.1"));
  EXPECT_EQ(IpAddress::from(six("::192.0.2.1")).family, 6);
  EXPECT_EQ(IpAddress::from(six("64:ff9b::192.0.2.1")).family, 6);
}

TEST(IpAddress, APrefixKeepsItsBits) {
  const IpAddress all = four("255.255.255.255");
  EXPECT_EQ(all.prefix(0), four("0.0.0.0"));
  EXPECT_EQ(all.prefix(1), four("128.0.0.0"));
  EXPECT_EQ(all.prefix(8), four("255.0.0.0"));
  EXPECT_EQ(all.prefix(23), four("255.255.254.0"));
  EXPECT_EQ(all.prefix(31), four("255.255.255.254"));
  EXPECT_EQ(all.prefix(32), all);
  const IpAddress v6 = IpAddress::from(six("2001:db8:ffff:ffff::1"));
  EXPECT_EQ(v6.prefix(56), IpAddress::from(six("2001:db8:ffff:ff00::")));
  EXPECT_EQ(v6.prefix(128), v6);
}

TEST(IpPrefix, ContainsItsOwn) {
  const IpPrefix prefix{four("10.32.0.0"), 11};
  EXPECT_TRUE(prefix.contains(four("10.32.0.0")));
  EXPECT_TRUE(prefix.contains(four("10.63.255.255")));
  EXPECT_FALSE(prefix.contains(four("10.64.0.0")));
  EXPECT_FALSE(prefix.contains(four("10.31.255.255")));
}

TEST(IpPrefix, OfNoBitsIsOneFamily) {
  const IpPrefix any{four("0.0.0.0"), 0};
  EXPECT_TRUE(any.contains(four("255.255.255.255")));
  EXPECT_FALSE(any.contains(IpAddress::from(six("::"))));
}

TEST(SocketAddress, TellsSizeAddressAndPort) {
  SocketAddress address;
  address.v4 = {};
  address.v4.sin_family = AF_INET;
  address.v4.sin_port = htons(53);
  ASSERT_EQ(::inet_pton(AF_INET, "192.0.2.1", &address.v4.sin_addr), 1);
  EXPECT_EQ(address.size(), sizeof(sockaddr_in));
  EXPECT_EQ(address.ip(), four("192.0.2.1"));
  EXPECT_EQ(address.port(), 53);
  address.v6 = {};
  address.v6.sin6_family = AF_INET6;
  address.v6.sin6_port = htons(853);
  address.v6.sin6_addr = six("::ffff:192.0.2.1");
  EXPECT_EQ(address.size(), sizeof(sockaddr_in6));
  EXPECT_EQ(address.ip(), four("192.0.2.1"));
  EXPECT_EQ(address.port(), 853);
}

}  // namespace
}  // namespace dotkeep
