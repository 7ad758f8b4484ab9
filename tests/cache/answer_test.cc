// What is kept of a reply, and what a client gets of it.
#include "cache/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/header.h"
#include "tests/cache/cache_help.h"

namespace dotkeep::cache {
namespace {

using dns::testing::operator+;
using dns::Type;
using testing::Kitchen;
using testing::kStart;
using testing::ReplyMessage;

ReplyMessage nodata(std::uint32_t soa_ttl) {
  return ReplyMessage("www.example", Type::AAAA)
      .authority("example", Type::SOA, dns::testing::soa(), soa_ttl);  // its minimum is 300
}

TEST(Lifetime, IsTheLeastTtlOfTheChain) {
  Kitchen kitchen;
  EXPECT_EQ(kitchen.pack(ReplyMessage("a.example").a("a.example", 70)).lifetime, 70U);
  const auto chain = ReplyMessage("a.example")
                         .answer("a.example", Type::CNAME, dns::testing::name("b.example"), 50)
                         .a("b.example", 70);
  EXPECT_EQ(kitchen.pack(chain).lifetime, 50U);
  EXPECT_TRUE(kitchen.pack(chain).positive);
  EXPECT_FALSE(kitchen.pack(chain).no_such_name);
}

TEST(Lifetime, OfNothingIsTheSoasMinimumOrTtl) {
  Kitchen kitchen;
  EXPECT_EQ(kitchen.pack(nodata(9000)).lifetime, 300U);
  EXPECT_EQ(kitchen.pack(nodata(20)).lifetime, 20U);
  EXPECT_FALSE(kitchen.pack(nodata(20)).positive);
  const auto nx =
      ReplyMessage("nx.example").rcode(3).authority("example", Type::SOA, dns::testing::soa(), 100);
  EXPECT_EQ(kitchen.pack(nx).lifetime, 100U);
  EXPECT_TRUE(kitchen.pack(nx).no_such_name);
}

TEST(Lifetime, OfNothingWithoutAnSoaIsNone) {
  Kitchen kitchen;
  const auto bare = ReplyMessage("nx.example").rcode(3);
  const Bytes octets = bare.bytes();
  const auto reply = dns::check_reply(bare.asked, octets, *kitchen.scratch);
  if (reply) {
    EXPECT_EQ(kitchen.packer.pack(bare.asked.question, *reply, {})->lifetime, 0U);
  }
  // A chain to a name that is not there, likewise.
  const auto chain = ReplyMessage("a.example").rcode(3).cname("a.example", "nx.example");
  const Bytes chain_octets = chain.bytes();
  const auto chained = dns::check_reply(chain.asked, chain_octets, *kitchen.scratch);
  ASSERT_TRUE(chained);
  EXPECT_EQ(kitchen.packer.pack(chain.asked.question, *chained, {})->lifetime, 0U);
}

// Of any type, its own included, and with an SOA or without.
TEST(Lifetime, OfANameThatADnameMakesTooLongIsNone) {
  Kitchen kitchen;
  const std::string label(63, 'x');
  for (const Type type : {Type::A, Type::DNAME}) {
    ReplyMessage message(label + ".old.example", type);
    message.rcode(static_cast<unsigned>(dns::Rcode::yxdomain));
    message.answer("old.example", Type::DNAME,
                   dns::testing::name(label + "." + label + "." + label));
    EXPECT_EQ(kitchen.pack(message).lifetime, 0U);
    message.authority("example", Type::SOA, dns::testing::soa());
    EXPECT_EQ(kitchen.pack(message).lifetime, 0U);
    EXPECT_FALSE(kitchen.pack(message).positive);
    EXPECT_FALSE(kitchen.pack(message).no_such_name);
  }
}

TEST(Lifetime, NxdomainBehindAChainIsNotOfTheFirstName) {
  Kitchen kitchen;
  const auto chain = ReplyMessage("a.example")
                         .rcode(3)
                         .cname("a.example", "nx.example")
                         .authority("example", Type::SOA, dns::testing::soa());
  const Packed packed = kitchen.pack(chain);
  EXPECT_EQ(packed.lifetime, 300U);
  EXPECT_FALSE(packed.no_such_name);
  EXPECT_FALSE(packed.positive);
}

TEST(Lifetime, HasTheBoundsOfTheConfiguration) {
  Kitchen kitchen(1 << 20, {.min_ttl = 60, .max_ttl = 200, .stale = 0});
  EXPECT_EQ(kitchen.pack(ReplyMessage("a.example").a("a.example", 10)).lifetime, 60U);
  EXPECT_EQ(kitchen.pack(ReplyMessage("a.example").a("a.example", 900)).lifetime, 200U);
  kitchen.store_a("a.example", 10);
  const Bytes answer = kitchen.ask("a.example");
  EXPECT_EQ(answer[12 + 11 + 4 + 9], 60);
}

// Everything that a client can be told is what the reply says about the question.
TEST(Answer, IsForItsOwnQuestionOnly) {
  Kitchen kitchen;
  kitchen.store(ReplyMessage("alias.example")
                    .cname("alias.example", "www.example")
                    .a("www.example")
                    .add(dns::testing::In::authority, dns::testing::name("example"), Type::NS,
                         dns::testing::name("ns.example"))
                    .add(dns::testing::In::additional, dns::testing::name("ns.example"), Type::A,
                         dns::testing::hex("06060606")));
  EXPECT_FALSE(kitchen.ask("alias.example").empty());
  for (const char* name :
       {"www.example", "ns.example", "example", "alias.exampl", "lias.example"}) {
    for (const Type type : {Type::A, Type::NS, Type::CNAME}) {
      EXPECT_TRUE(kitchen.ask(name, kStart, type).empty()) << name;
    }
  }
  EXPECT_TRUE(kitchen.ask("alias.example", kStart, Type::CNAME).empty());
}

dns::Query query_for(const dns::Question& question, std::uint16_t payload, bool dnssec_ok) {
  dns::Query query;
  query.id = 0x4711;
  query.question = question;
  query.recursion_desired = true;
  query.edns.emplace();
  query.edns->payload = payload;
  query.edns->dnssec_ok = dnssec_ok;
  return query;
}

TEST(Answer, SaysAdToWhoUnderstandsItAndNeverOfOldData) {
  Kitchen kitchen;
  auto message = ReplyMessage("www.example").a("www.example");
  message.flags |= dns::kFlagAuthenticData;
  const Packed packed = kitchen.pack(message);
  const auto value = Value::view(packed.octets).value();
  const dns::Question question = testing::question("WWW.example");
  Bytes out(1232);
  const auto flags = [&](const dns::Query& query, const Aged& aged) {
    EXPECT_GT(render_answer(query, value, aged, {}, out), 12U);
    return static_cast<unsigned>(out[2] << 8 | out[3]);
  };
  EXPECT_EQ(flags(query_for(question, 1232, true), {}), 0x81a0U);
  EXPECT_EQ(flags(query_for(question, 1232, true), {.stale = true}), 0x8180U);
  EXPECT_EQ(flags(query_for(question, 1232, false), {}), 0x8180U);
  dns::Query query = query_for(question, 1232, false);
  query.authentic_data = true;
  query.checking_disabled = true;
  EXPECT_EQ(flags(query, {}), 0x81b0U);
}

TEST(Answer, ThatDoesNotFitIsCutAndSaysSo) {
  Kitchen kitchen;
  ReplyMessage message("big.example", Type::TXT);
  for (int i = 0; i < 8; ++i) {
    Bytes text(201, static_cast<std::uint8_t>('a' + i));
    text[0] = 200;
    message.answer("big.example", Type::TXT, text);
  }
  const Packed packed = kitchen.pack(message);
  const auto value = Value::view(packed.octets).value();
  Bytes out(65535);
  const dns::Query query = query_for(message.asked.question, 4096, false);
  const std::size_t cut = render_answer(query, value, {}, {}, out);
  EXPECT_EQ(cut, 12U + 13 + 4 + 11);
  EXPECT_EQ(out[2] & 2, 2);
  EXPECT_EQ(out[7], 0);
  dns::ResponseOptions over_tcp;
  over_tcp.transport = dns::Transport::tcp;
  EXPECT_GT(render_answer(query, value, {}, over_tcp, out), 8 * 200U);
  EXPECT_EQ(out[2] & 2, 0);
  EXPECT_EQ(out[7], 8);
}

// What comes out of the cache is, octet for octet, what would have been rendered without one.
TEST(Answer, IsWhatTheRendererWouldHaveSaid) {
  Kitchen kitchen;
  const ReplyMessage messages[] = {
      ReplyMessage("www.example").a("www.example"),
      ReplyMessage("alias.example").cname("alias.example", "www.Example").a("www.Example"),
      ReplyMessage("example", Type::MX)
          .answer("example", Type::MX, dns::testing::u16(10) + dns::testing::name("mail.example")),
      nodata(200),
      ReplyMessage("www.example")
          .dnssec()
          .a("www.example")
          .answer("www.example", Type::RRSIG, dns::testing::rrsig(Type::A, "example")),
  };
  for (const ReplyMessage& message : messages) {
    const Bytes octets = message.bytes();
    const auto reply = dns::check_reply(message.asked, octets, *kitchen.scratch).value();
    const Packed packed = kitchen.packer.pack(message.asked.question, reply, {}).value();
    const auto value = Value::view(packed.octets).value();
    for (const std::uint16_t payload : {std::uint16_t{512}, std::uint16_t{1232}}) {
      const dns::Query query = query_for(message.asked.question, payload, message.asked.dnssec_ok);
      Bytes ours(1232);
      Bytes theirs(1232);
      ours.resize(render_answer(query, value, {}, {}, ours));
      theirs.resize(dns::render_response(query, reply, {}, theirs));
      EXPECT_EQ(to_hex(ours), to_hex(theirs));
    }
  }
}

}  // namespace
}  // namespace dotkeep::cache
