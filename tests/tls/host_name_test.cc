// Which names a certificate's names cover.
#include "tls/host_name.h"

#include <gtest/gtest.h>

#include "tests/tls/support.h"

namespace dotkeep::tls {
namespace {

bool covers_text(std::string_view pattern, std::string_view host) {
  return covers(test::octets(pattern), host);
}

TEST(Names, Covered) {
  EXPECT_TRUE(covers_text("dns.example.net", "dns.example.net"));
  EXPECT_TRUE(covers_text("DNS.example.NET", "dns.EXAMPLE.net"));
  EXPECT_TRUE(covers_text("*.example.net", "dns.example.net"));
  EXPECT_TRUE(covers_text("localhost", "localhost"));
}

TEST(Names, NotCovered) {
  const std::pair<const char*, const char*> table[] = {
      {"example.net", "dns.example.net"},
      {"dns.example.net", "example.net"},
      {"dns.example.net.", "dns.example.net"},
      {"*.example.net", "example.net"},
      {"*.example.net", "a.b.example.net"},
      {"*.example.net", ".example.net"},
      {"*.net", "example.net"},  // two labels must follow
      {"*", "net"},
      {"*.", "net"},
      {"d*.example.net", "dns.example.net"},
      {"*s.example.net", "dns.example.net"},
      {"dns.*.net", "dns.example.net"},
      {"*.*.net", "dns.example.net"},
      {"**.example.net", "dns.example.net"},
      {"", "dns.example.net"},
      {"dns..net", "dns..net"},
  };
  for (const auto& [pattern, host] : table) EXPECT_FALSE(covers_text(pattern, host)) << pattern;
  // An octet zero ends no name.
  EXPECT_FALSE(covers_text(std::string_view("dns.example.net\0.evil", 21), "dns.example.net"));
}

TEST(Names, HostNames) {
  EXPECT_TRUE(host_name("a"));
  std::string label(63, 'a');
  EXPECT_TRUE(host_name(label));
  label.push_back('a');
  EXPECT_FALSE(host_name(label));
  std::string longest;  // 253 octets
  for (int i = 0; i < 126; ++i) longest.append("a.");
  longest.push_back('a');
  EXPECT_TRUE(host_name(longest));
  longest.push_back('a');
  EXPECT_FALSE(host_name(longest));
  for (const char* bad : {"", ".", ".a", "a.", "a..b", "a b", "a/b", "*.a.b", "ü.net"}) {
    EXPECT_FALSE(host_name(bad)) << bad;
  }
}

TEST(Names, IpLiterals) {
  EXPECT_EQ(ip_literal("192.0.2.1")->size, 4U);
  EXPECT_EQ(ip_literal("2001:db8::1")->size, 16U);
  EXPECT_EQ(ip_literal("2001:0db8:0000:0000:0000:0000:0000:0001")->view().size(), 16U);
  for (const char* bad : {"", "192.0.2", "192.0.2.256", "[2001:db8::1]", "2001:db8::1%eth0", "1",
                          "dns.example.net"}) {
    EXPECT_FALSE(ip_literal(bad)) << bad;
  }
}

TEST(Names, InCertificates) {
  const auto good = test::Certificates::get().chain("good");
  const auto certificate = parse_certificate(good[0]);
  ASSERT_TRUE(certificate);
  for (const char* name :
       {"dns.example.net", "a.wild.example.net", "192.0.2.1", "2001:db8::1", "2001:db8:0::1"}) {
    EXPECT_TRUE(covers(*certificate, name)) << name;
  }
  for (const char* name : {"wild.example.net", "a.b.wild.example.net", "192.0.2.2", "::1", "", "*",
                           "*.wild.example.net"}) {
    EXPECT_FALSE(covers(*certificate, name)) << name;
  }
  const auto wildcards = test::Certificates::get().chain("bad_wildcards");
  const auto loose = parse_certificate(wildcards[0]);
  ASSERT_TRUE(loose);
  EXPECT_FALSE(covers(*loose, "dns.example.net"));
  EXPECT_FALSE(covers(*loose, "example.net"));
}

}  // namespace
}  // namespace dotkeep::tls
