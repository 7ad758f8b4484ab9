#include "admission/access.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

namespace dotkeep::admission {
namespace {

IpAddress ip(const char* text) {
  in_addr four{};
  if (::inet_pton(AF_INET, text, &four) == 1) return IpAddress::from(four);
  in6_addr six{};
  EXPECT_EQ(::inet_pton(AF_INET6, text, &six), 1) << text;
  return IpAddress::from(six);
}

IpPrefix prefix(const char* address, std::uint8_t length) {
  return {ip(address), length};
}

TEST(AccessList, EmptyAllowsNobody) {
  const AccessList list({}, {});
  EXPECT_FALSE(list.allows(ip("127.0.0.1")));
  EXPECT_FALSE(list.allows(ip("::1")));
}

TEST(AccessList, WhoMatchesNothingIsNotAllowed) {
  const AccessList list({prefix("10.0.0.0", 8), prefix("fd00::", 8)}, {});
  EXPECT_TRUE(list.allows(ip("10.255.0.1")));
  EXPECT_FALSE(list.allows(ip("11.0.0.0")));
  EXPECT_FALSE(list.allows(ip("9.255.255.255")));
  EXPECT_TRUE(list.allows(ip("fd12::1")));
  EXPECT_FALSE(list.allows(ip("fe00::1")));
}

TEST(AccessList, TheLongestPrefixDecides) {
  const AccessList list({prefix("10.0.0.0", 8), prefix("10.1.2.3", 32)}, {prefix("10.1.0.0", 16)});
  EXPECT_TRUE(list.allows(ip("10.2.0.1")));
  EXPECT_FALSE(list.allows(ip("10.1.2.4")));
  EXPECT_TRUE(list.allows(ip("10.1.2.3")));
}

TEST(AccessList, OfEqualPrefixesTheDenialWins) {
  const AccessList list({prefix("10.0.0.0", 8)}, {prefix("10.0.0.0", 8)});
  EXPECT_FALSE(list.allows(ip("10.0.0.1")));
}

TEST(AccessList, FamiliesAreApart) {
  const AccessList four({prefix("0.0.0.0", 0)}, {});
  EXPECT_TRUE(four.allows(ip("198.51.100.1")));
  EXPECT_FALSE(four.allows(ip("2001:db8::1")));
  const AccessList six({prefix("::", 0)}, {});
  EXPECT_TRUE(six.allows(ip("2001:db8::1")));
  EXPECT_FALSE(six.allows(ip("198.51.100.1")));
}

TEST(AccessList, AMappedAddressIsItsIpv4Address) {
  const AccessList list({prefix("::", 0)}, {prefix("192.0.2.0", 24)});
  EXPECT_FALSE(list.allows(ip("::ffff:192.0.2.7")));
  EXPECT_FALSE(list.allows(ip("::ffff:192.0.3.7")));  // no IPv6 prefix is about it
}

}  // namespace
}  // namespace dotkeep::admission
