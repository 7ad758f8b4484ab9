// Which names are special, and what they are told. The zones are those of the RFCs, one by one.
#include "admission/special.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

#include "dns/name_view.h"
#include "tests/dns/client_message.h"

namespace dotkeep::admission {
namespace {

// The zone of a name, or "" for a name that is not special.
std::string zone_of(std::string_view text) {
  const dns::Name name = dns::name(text);
  const auto found = find_special(name);
  if (!found) return "";
  return dns::text(dns::Name::trusted(name.wire().subspan(found->zone_at)));
}

struct Row {
  const char* name;
  const char* zone;
};

TEST(FindSpecial, KnowsTheZonesOfTheRfcs) {
  const Row rows[] = {
      {"localhost", "localhost."},
      {"a.b.LocalHost", "LocalHost."},
      {"localhost.example", ""},
      {"notlocalhost", ""},
      {"invalid", "invalid."},
      {"x.invalid", "invalid."},
      {"test", "test."},
      {"www.test", "test."},
      {"printer.local", "local."},
      {"locale", ""},
      {"abc.onion", "onion."},
      {"onion.example", ""},
      {"home.arpa", "home.arpa."},
      {"nas.home.arpa", "home.arpa."},
      {"myhome.arpa", ""},
      {"_dns.resolver.arpa", "resolver.arpa."},
      {"arpa", ""},
      {"in-addr.arpa", ""},
      {"ip6.arpa", ""},
      {".", ""},
      {"example", ""},
      {"www.example.com", ""},
      // RFC 6303 section 4.1: RFC 1918
      {"10.in-addr.arpa", "10.in-addr.arpa."},
      {"4.3.2.10.in-addr.arpa", "10.in-addr.arpa."},
      {"010.in-addr.arpa", ""},
      {"1.in-addr.arpa", ""},
      {"11.in-addr.arpa", ""},
      {"15.172.in-addr.arpa", ""},
      {"16.172.in-addr.arpa", "16.172.in-addr.arpa."},
      {"1.1.31.172.in-addr.arpa", "31.172.in-addr.arpa."},
      {"32.172.in-addr.arpa", ""},
      {"172.in-addr.arpa", ""},
      {"5.168.192.in-addr.arpa", "168.192.in-addr.arpa."},
      {"169.192.in-addr.arpa", ""},
      {"192.in-addr.arpa", ""},
      // section 4.2
      {"0.in-addr.arpa", "0.in-addr.arpa."},
      {"1.0.0.127.in-addr.arpa", "127.in-addr.arpa."},
      {"254.169.in-addr.arpa", "254.169.in-addr.arpa."},
      {"253.169.in-addr.arpa", ""},
      {"2.0.192.in-addr.arpa", "2.0.192.in-addr.arpa."},
      {"0.192.in-addr.arpa", ""},
      {"3.0.192.in-addr.arpa", ""},
      {"100.51.198.in-addr.arpa", "100.51.198.in-addr.arpa."},
      {"113.0.203.in-addr.arpa", "113.0.203.in-addr.arpa."},
      {"2.0.203.in-addr.arpa", ""},
      {"255.255.255.255.in-addr.arpa", "255.255.255.255.in-addr.arpa."},
      {"254.255.255.255.in-addr.arpa", ""},
      {"255.255.255.in-addr.arpa", ""},
      // RFC 7793: 100.64.0.0/10
      {"63.100.in-addr.arpa", ""},
      {"64.100.in-addr.arpa", "64.100.in-addr.arpa."},
      {"9.127.100.in-addr.arpa", "127.100.in-addr.arpa."},
      {"128.100.in-addr.arpa", ""},
      // RFC 6303 sections 4.3 to 4.6
      {"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
       "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa."},
      {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
       "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa."},
      {"2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", ""},
      {"0.0.ip6.arpa", ""},
      {"1.d.f.ip6.arpa", "d.f.ip6.arpa."},
      {"D.F.ip6.arpa", "D.F.ip6.arpa."},
      {"c.f.ip6.arpa", ""},
      {"7.e.f.ip6.arpa", ""},
      {"8.e.f.ip6.arpa", "8.e.f.ip6.arpa."},
      {"0.9.e.f.ip6.arpa", "9.e.f.ip6.arpa."},
      {"a.e.f.ip6.arpa", "a.e.f.ip6.arpa."},
      {"b.e.f.ip6.arpa", "b.e.f.ip6.arpa."},
      {"c.e.f.ip6.arpa", ""},
      {"e.f.ip6.arpa", ""},
      {"8.b.d.0.1.0.0.2.ip6.arpa", "8.b.d.0.1.0.0.2.ip6.arpa."},
      {"9.b.d.0.1.0.0.2.ip6.arpa", ""},
      {"0.0.2.ip6.arpa", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(zone_of(row.name), row.zone) << row.name;
}

TEST(FindSpecial, TakesTheLongestName) {
  std::string text;
  for (int i = 0; i < 123; ++i) text += "a.";
  EXPECT_EQ(zone_of(text + "local"), "local.");
}

// "NXDOMAIN; home.arpa. SOA 10800" and so on.
std::string answer(std::string_view text, dns::Type type) {
  const dns::Question question{dns::name(text), type};
  const auto special = find_special(question.name);
  if (!special) return "not special";
  LocalRecords memory;
  if (is_for_the_parent(question, *special)) return "not ours";
  const dns::Reply reply = answer_special(question, *special, memory);
  std::string said = reply.rcode == dns::Rcode::noerror ? "NOERROR" : "NXDOMAIN";
  dns::RecordReader records(reply.packed);
  for (int i = 0; i < reply.answers + reply.authorities; ++i) {
    const auto record = records.next();
    if (!record) return "cut short";
    said += i < reply.answers ? " AN " : " AU ";
    said += dns::text(dns::Name::trusted(record->owner)) + " " +
            std::to_string(static_cast<int>(record->type)) + " " + std::to_string(record->ttl) +
            " " + to_hex(record->rdata);
  }
  if (records.next()) return "too long";
  return said;
}

std::string soa(std::string_view zone) {
  const dns::Name name = dns::name(zone);
  return dns::text(name) + " 6 10800 " + to_hex(name.wire()) + "066e6f626f647907696e76616c696400" +
         "00000001"
         "00000e10"
         "000004b0"
         "00093a80"
         "00002a30";
}

TEST(AnswerSpecial, LocalhostIsThisHost) {
  EXPECT_EQ(answer("localhost", dns::Type::A), "NOERROR AN localhost. 1 10800 7f000001");
  EXPECT_EQ(answer("a.localhost", dns::Type::AAAA),
            "NOERROR AN a.localhost. 28 10800 00000000000000000000000000000001");
  EXPECT_EQ(answer("a.localhost", dns::Type::MX), "NOERROR AU " + soa("localhost"));
  EXPECT_EQ(answer("localhost", dns::Type::DS), "NOERROR AU " + soa("localhost"));
}

TEST(AnswerSpecial, NothingIsInZonesThatNobodyServes) {
  for (const std::string zone : {"invalid", "test", "local", "onion"}) {
    for (const std::string& name : {zone, "a." + zone, "a.b." + zone}) {
      EXPECT_EQ(answer(name, dns::Type::A), "NXDOMAIN AU " + soa(zone));
      EXPECT_EQ(answer(name, dns::Type::SOA), "NXDOMAIN AU " + soa(zone));
      EXPECT_EQ(answer(name, dns::Type::DS), "NXDOMAIN AU " + soa(zone));
    }
  }
}

TEST(AnswerSpecial, EmptyZonesHaveATopAndNothingBelow) {
  for (const std::string zone :
       {"home.arpa", "10.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa", "127.100.in-addr.arpa"}) {
    EXPECT_EQ(answer(zone, dns::Type::PTR), "NOERROR AU " + soa(zone));
    EXPECT_EQ(answer(zone, dns::Type::SOA), "NOERROR AN " + soa(zone));
    const dns::Name name = dns::name(zone);
    EXPECT_EQ(answer(zone, dns::Type::NS),
              "NOERROR AN " + dns::text(name) + " 2 10800 " + to_hex(name.wire()));
    EXPECT_EQ(answer("1." + zone, dns::Type::PTR), "NXDOMAIN AU " + soa(zone));
    EXPECT_EQ(answer("1." + zone, dns::Type::DS), "NXDOMAIN AU " + soa(zone));
    EXPECT_EQ(answer(zone, dns::Type::DS), "not ours");
  }
}

TEST(AnswerSpecial, NoEncryptedResolverIsNamed) {
  EXPECT_EQ(answer("_dns.resolver.arpa", dns::Type::SVCB), "NOERROR AU " + soa("resolver.arpa"));
  EXPECT_EQ(answer("resolver.arpa", dns::Type::DS), "NOERROR AU " + soa("resolver.arpa"));
}

// The memory holds the longest name that any zone has, in owner, SOA and NS.
TEST(AnswerSpecial, FitsItsMemory) {
  const std::string zone =
      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa";
  EXPECT_EQ(answer(zone, dns::Type::A), "NOERROR AU " + soa(zone));
  std::string text;
  for (int i = 0; i < 121; ++i) text += "a.";
  EXPECT_EQ(answer(text + "localhost", dns::Type::MX), "NOERROR AU " + soa("localhost"));
}

TEST(Special, WordsAreInTheOrderOfTheEnumeration) {
  for (std::size_t i = 0; i < kSpecials; ++i) {
    const std::string word(kSpecialWords[i]);
    const auto found = find_special(dns::name(word == "reverse" ? "10.in-addr.arpa" : word));
    ASSERT_TRUE(found) << word;
    EXPECT_EQ(static_cast<std::size_t>(found->special), i) << word;
  }
}

}  // namespace
}  // namespace dotkeep::admission
