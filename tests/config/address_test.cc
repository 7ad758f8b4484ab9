#include <arpa/inet.h>

#include <cstring>

#include "config/address_kind.h"
#include "helpers.h"

namespace dotkeep::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(std::string_view text) {
  const auto endpoint = parse_endpoint(text, 853);
  return endpoint ? endpoint->to_text() : "error: " + endpoint.error();
}

TEST(Endpoint, ReadsBothFamilies) {
  EXPECT_EQ(text_of("192.0.2.1:53"), "192.0.2.1:53");
  EXPECT_EQ(text_of("192.0.2.1"), "192.0.2.1:853");
  EXPECT_EQ(text_of("[2001:DB8:0::1]:53"), "[2001:db8::1]:53");
  EXPECT_EQ(text_of("[2001:db8::1]"), "[2001:db8::1]:853");
  EXPECT_EQ(text_of("[::ffff:192.0.2.1]:53"), "192.0.2.1:53");
}

TEST(Endpoint, RefusesWhatIsNotExactlyThat) {
  for (const char* text : {"",
                           ":",
                           ":53",
                           "192.0.2.1:",
                           "192.0.2.1:0",
                           "192.0.2.1:65536",
                           "192.0.2.1:053",
                           "192.0.2.1:+53",
                           "192.0.2.1:53 ",
                           " 192.0.2.1",
                           "192.0.2",
                           "192.0.2.01",
                           "192.0.2.256",
                           "[192.0.2.1]:53",
                           "[2001:db8::1",
                           "[2001:db8::1]53",
                           "[2001:db8::1]:",
                           "[]:53",
                           "2001:db8::1",
                           "2001:db8::1:53",
                           "[2001:db8::1::2]",
                           "[[::1]]:53",
                           "dns.example:853",
                           "192.0.2.1:53:53"}) {
    EXPECT_FALSE(parse_endpoint(text, 853)) << text;
  }
  EXPECT_FALSE(parse_endpoint(std::string_view("192.0.2.1\0x", 11), 53));
}

TEST(Endpoint, SaysWhatToWrite) {
  EXPECT_THAT(text_of("[fe80::1%eth0]:53"), HasSubstr("zone"));
  EXPECT_THAT(text_of("2001:db8::1"), HasSubstr("stands in brackets"));
  EXPECT_THAT(text_of("dns.example"), HasSubstr("names are not looked up"));
  EXPECT_THAT(text_of("192.0.2.1:0"), HasSubstr("from 1 to 65535"));
}

TEST(Endpoint, BecomesASockaddr) {
  sockaddr_storage out{};
  ASSERT_EQ(parse_endpoint("192.0.2.1:53", 0)->to_sockaddr(out), sizeof(sockaddr_in));
  sockaddr_in four{};
  std::memcpy(&four, &out, sizeof(four));
  EXPECT_EQ(four.sin_family, AF_INET);
  EXPECT_EQ(ntohs(four.sin_port), 53);
  EXPECT_EQ(ntohl(four.sin_addr.s_addr), 0xc0000201U);
  ASSERT_EQ(parse_endpoint("[2001:db8::1]:853", 0)->to_sockaddr(out), sizeof(sockaddr_in6));
  sockaddr_in6 six{};
  std::memcpy(&six, &out, sizeof(six));
  EXPECT_EQ(six.sin6_family, AF_INET6);
  EXPECT_EQ(ntohs(six.sin6_port), 853);
  EXPECT_EQ(six.sin6_addr.s6_addr[15], 1);
  EXPECT_EQ(six.sin6_scope_id, 0U);
}

std::string prefix_of(std::string_view text) {
  const auto prefix = parse_prefix(text);
  return prefix ? prefix->to_text() : "error: " + prefix.error();
}

TEST(Prefix, ReadsBothFamiliesAndFoldsMappedOnes) {
  EXPECT_EQ(prefix_of("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(prefix_of("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(prefix_of("192.0.2.1/32"), "192.0.2.1/32");
  EXPECT_EQ(prefix_of("2001:db8::/33"), "2001:db8::/33");
  EXPECT_EQ(prefix_of("::ffff:10.0.0.0/104"), "10.0.0.0/8");
  EXPECT_EQ(prefix_of("::ffff:0:0/96"), "0.0.0.0/0");
}

TEST(Prefix, RefusesTheRest) {
  EXPECT_THAT(prefix_of("10.0.0.0"), HasSubstr("write \"10.0.0.0/32\""));
  EXPECT_THAT(prefix_of("10.0.0.1/8"), HasSubstr("bits set beyond its length"));
  EXPECT_THAT(prefix_of("10.0.0.0/7"), Not(HasSubstr("beyond")));
  EXPECT_THAT(prefix_of("11.0.0.0/7"), HasSubstr("beyond"));
  EXPECT_THAT(prefix_of("2001:db8::1/127"), HasSubstr("beyond"));
  EXPECT_THAT(prefix_of("10.0.0.0/33"), HasSubstr("from 0 to 32"));
  EXPECT_THAT(prefix_of("::/129"), HasSubstr("from 0 to 128"));
  EXPECT_THAT(prefix_of("fe80::%1/10"), HasSubstr("zone"));
  for (const char* text :
       {"", "/", "10/8", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "::ffff:0:0/95"}) {
    EXPECT_FALSE(parse_prefix(text)) << text;
  }
}

TEST(Prefix, Contains) {
  const auto in = [](const char* outer, const char* inner) {
    return parse_prefix(outer)->contains(*parse_prefix(inner));
  };
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.0.0/16"));
  EXPECT_TRUE(in("172.16.0.0/12", "172.31.0.0/16"));
  EXPECT_FALSE(in("172.16.0.0/12", "172.32.0.0/16"));
  EXPECT_FALSE(in("10.0.0.0/16", "10.0.0.0/8"));
  EXPECT_TRUE(in("0.0.0.0/0", "192.0.2.1/32"));
  EXPECT_FALSE(in("0.0.0.0/0", "2001:db8::/32"));
}

TEST(AddressKind, KnowsWhatCannotBeMeant) {
  const auto locally = [](const char* text) {
    return unusable_locally(*parse_endpoint(text, 53)).has_value();
  };
  const auto remotely = [](const char* text) {
    return unusable_remotely(*parse_endpoint(text, 853)).has_value();
  };
  EXPECT_FALSE(locally("0.0.0.0"));
  EXPECT_FALSE(locally("[::]"));
  EXPECT_FALSE(locally("127.0.0.1"));
  EXPECT_TRUE(locally("[fe80::1]"));
  EXPECT_TRUE(locally("224.0.0.251"));
  EXPECT_TRUE(locally("255.255.255.255"));
  EXPECT_TRUE(locally("[ff02::fb]"));
  EXPECT_TRUE(remotely("0.0.0.0"));
  EXPECT_TRUE(remotely("[::]"));
  EXPECT_TRUE(remotely("[fe80::1]"));
  EXPECT_FALSE(remotely("[::1]"));
  EXPECT_FALSE(remotely("9.9.9.9"));
}

TEST(AddressKind, KnowsWhatOpensToTheWorld) {
  const auto opens = [](const char* text) { return opens_to_the_world(*parse_prefix(text)); };
  EXPECT_TRUE(opens("0.0.0.0/0"));
  EXPECT_TRUE(opens("128.0.0.0/1"));
  EXPECT_TRUE(opens("12.0.0.0/7"));
  EXPECT_FALSE(opens("12.0.0.0/8"));
  EXPECT_TRUE(opens("::/0"));
  EXPECT_TRUE(opens("2000::/3"));
  EXPECT_FALSE(opens("2001::/16"));
  EXPECT_FALSE(opens("fc00::/7"));
  EXPECT_FALSE(opens("fd00::/8"));
}

}  // namespace
}  // namespace dotkeep::config
