// render_response: what a client gets of a believed reply.
#include <gtest/gtest.h>

#include <string>

#include "dns/edns.h"
#include "dns/header.h"
#include "dns/render.h"
#include "tests/dns/rdata_cases.h"
#include "tests/dns/reply_message.h"

namespace dotkeep::dns::testing {
namespace {

class RenderResponseTest : public ::testing::Test {
 protected:
  RenderResponseTest() {
    query_.id = 0xbeef;
    query_.question.name = Name::from_text("WwW.Example.").value();
    query_.recursion_desired = true;
  }

  Bytes render(const ReplyMessage& message, std::size_t room = kMaxMessage) {
    query_.question.type = message.asked.question.type;
    const auto reply = checker_.check(message);
    EXPECT_TRUE(reply);
    Bytes out(room);
    out.resize(render_response(query_, *reply, options_, out));
    return out;
  }

  static Header header_of(const Bytes& message) {
    Reader reader(message);
    return Header::parse(reader).value();
  }

  ClientEdns& edns(std::uint16_t payload = 1232) {
    query_.edns.emplace();
    query_.edns->payload = payload;
    return *query_.edns;
  }

  Checker checker_;
  Query query_;
  ResponseOptions options_;
};

ReplyMessage good() {
  return ReplyMessage("www.example.").a("www.example.");
}

TEST_F(RenderResponseTest, GoldenAnswer) {
  EXPECT_EQ(render(good()), hex("beef 8180 0001 0001 0000 0000") +
                                from_hex("03577757074578616d706c650000010001") +
                                hex("c00c 0001 0001 0000012c 0004 c0000201"));
}

TEST_F(RenderResponseTest, GoldenNegative) {
  ReplyMessage message("www.example.");
  message.rcode(3).authority("example.", Type::SOA, soa());
  EXPECT_EQ(render(message),
            hex("beef 8183 0001 0000 0001 0000 03577757 074578616d706c65 00 0001 0001") +
                hex("c010 0006 0001 0000012c 0026") + hex("026e73c010 0a") + text("hostmaster") +
                hex("c010 00000001 00000002 00000003 00000004 0000012c"));
}

TEST_F(RenderResponseTest, FlagsAreOursOrTheClients) {
  ReplyMessage message = good();
  message.flags |= 0x0430;  // AA, AD, CD
  EXPECT_EQ(header_of(render(message)).flags, 0x8180) << "neither AA nor CD, nor AD unasked";
  query_.authentic_data = true;
  EXPECT_EQ(header_of(render(message)).flags, 0x81a0);
  query_.authentic_data = false;
  edns().dnssec_ok = true;
  EXPECT_EQ(header_of(render(message)).flags, 0x81a0);
  query_.recursion_desired = false;
  query_.checking_disabled = true;
  EXPECT_EQ(header_of(render(message)).flags, 0x80b0);
  EXPECT_EQ(header_of(render(good())).flags, 0x8090) << "AD only as the upstream said it";
}

TEST_F(RenderResponseTest, OptOnlyToWhoSentOne) {
  EXPECT_EQ(header_of(render(good())).additionals, 0);
  edns();
  const Bytes bytes = render(good());
  EXPECT_EQ(header_of(bytes).additionals, 1);
  EXPECT_EQ(Bytes(bytes.end() - 11, bytes.end()), hex("00 0029 04d0 00000000 0000"));
  query_.edns->dnssec_ok = true;
  const Bytes with_do = render(good());
  EXPECT_EQ(Bytes(with_do.end() - 11, with_do.end()), hex("00 0029 04d0 00008000 0000"));
}

ReplyMessage texts(int count) {
  ReplyMessage message("www.example.", Type::TXT);
  for (int i = 0; i < count; ++i) {
    message.answer("www.example.", Type::TXT,
                   hex("64") + Bytes(100, static_cast<std::uint8_t>('a' + i)));
  }
  return message;
}

TEST_F(RenderResponseTest, TruncatesBeyondTheLimitExactly) {
  const std::size_t four = 12 + 17 + 4 * (12 + 101);  // 481 octets; five are 594
  EXPECT_EQ(render(texts(4)).size(), four);
  const Bytes cut = render(texts(5));
  EXPECT_EQ(cut.size(), 12u + 17u);
  EXPECT_EQ(header_of(cut).flags, 0x8380);
  EXPECT_EQ(header_of(cut).answers, 0);
  // The limit itself, with an OPT.
  const std::size_t five = 12 + 17 + 5 * (12 + 101) + 11;
  edns(static_cast<std::uint16_t>(five));
  EXPECT_EQ(render(texts(5)).size(), five);
  edns(static_cast<std::uint16_t>(five - 1));
  const Bytes cut_too = render(texts(5));
  EXPECT_TRUE(header_of(cut_too).has(kFlagTruncated));
  EXPECT_EQ(header_of(cut_too).additionals, 1);
  EXPECT_EQ(cut_too.size(), 12u + 17u + 11u);
  edns(4096);
  EXPECT_TRUE(header_of(render(texts(11))).has(kFlagTruncated)) << "never more than 1232 on UDP";
  options_.transport = Transport::tcp;
  EXPECT_FALSE(header_of(render(texts(11))).has(kFlagTruncated));
}

TEST_F(RenderResponseTest, TruncatesOnRequest) {
  options_.truncate = true;
  edns();
  query_.authentic_data = true;
  ReplyMessage message = good();
  message.flags |= 0x0020;
  const Bytes bytes = render(message);
  EXPECT_EQ(header_of(bytes).flags, 0x8380) << "nothing in it is authentic";
  EXPECT_EQ(bytes.size(), 12u + 17u + 11u);
}

TEST_F(RenderResponseTest, NoRoomAtAll) {
  edns();
  for (std::size_t room = 0; room < 12 + 17 + 11; ++room) EXPECT_TRUE(render(good(), room).empty());
  EXPECT_EQ(render(good(), 12 + 17 + 11).size(), 40u);
}

TEST_F(RenderResponseTest, EdesGiveWayToRecords) {
  ReplyMessage message = texts(4);
  message.opt(hex("000f 0007 0003") + text("stale"));
  const std::size_t records = 12 + 17 + 4 * (12 + 101) + 11;
  edns(static_cast<std::uint16_t>(records + 11));
  ASSERT_GT(records, 480u);
  EXPECT_EQ(render(message, records + 11).size(), records + 11);
  EXPECT_EQ(render(message, records + 10).size(), records + 6) << "without its text";
  EXPECT_EQ(render(message, records + 5).size(), records) << "without the option";
  EXPECT_FALSE(header_of(render(message, records)).has(kFlagTruncated));
  EXPECT_TRUE(header_of(render(message, records - 1)).has(kFlagTruncated));
}

TEST_F(RenderResponseTest, EdesOfBoth) {
  const Ede ours = make_ede(ExtendedError::stale_answer, "us");
  options_.edes = {&ours, 1};
  edns();
  const Bytes bytes = render(good().opt(hex("000f 0002 0006")));
  EXPECT_EQ(Bytes(bytes.end() - 16, bytes.end()),
            hex("000e 000f 0002 0006 000f 0004 0003") + text("us"));
}

TEST_F(RenderResponseTest, CookieAndKeepaliveComeBeforeRecords) {
  Cookie cookie;
  cookie.size = 16;
  options_.cookie = cookie;
  options_.keepalive = 100;
  options_.transport = Transport::tcp;
  const std::size_t records = 12 + 17 + 4 * (12 + 101);
  edns().asks_keepalive = true;
  EXPECT_EQ(render(texts(4), records + 11 + 20 + 6).size(), records + 37);
  const Bytes cut = render(texts(4), records + 36);
  EXPECT_TRUE(header_of(cut).has(kFlagTruncated));
  EXPECT_EQ(cut.size(), 12u + 17u + 37u);
}

TEST_F(RenderResponseTest, KeepaliveTakesNoRoomUnlessAskedFor) {
  options_.keepalive = 100;
  options_.transport = Transport::tcp;
  edns();
  const std::size_t records = 12 + 17 + 4 * (12 + 101);
  EXPECT_EQ(render(texts(4), records + 11).size(), records + 11);
}

// Without records it is the question that has to fit.
TEST_F(RenderResponseTest, NoRoomForAQuestionAlone) {
  ReplyMessage nothing("www.example.");
  nothing.rcode(3);
  for (std::size_t room = 0; room < 12 + 17; ++room) EXPECT_TRUE(render(nothing, room).empty());
  EXPECT_EQ(render(nothing, 12 + 17).size(), 29u);
  edns();
  for (std::size_t room = 0; room < 12 + 17 + 11; ++room) {
    EXPECT_TRUE(render(nothing, room).empty());
  }
  EXPECT_EQ(render(nothing, 12 + 17 + 11).size(), 40u);
}

// An owner that first stands beyond a pointer's reach is written out each time.
TEST_F(RenderResponseTest, OwnersBeyondAPointersReach) {
  options_.transport = Transport::tcp;
  edns().dnssec_ok = true;
  ReplyMessage message = ReplyMessage("www.example.", Type::TXT).dnssec();
  for (unsigned i = 0; i < 100; ++i) {
    message.answer("www.example.", Type::TXT, hex("02") + u16(i) + hex("c8") + Bytes(200, 'x'));
  }
  message.authority("n.example.", Type::NSEC, nsec("z.example."));
  message.authority("n.example.", Type::RRSIG, rrsig(Type::NSEC, "example."));
  const std::size_t size = render(message).size();
  ASSERT_GT(size, 0x4000u);
  const std::size_t texts = 12 + 17 + 100 * (12 + 204);
  const std::size_t denial = 4 + 10 + nsec("z.example.").size();
  const std::size_t signature = 4 + 10 + rrsig(Type::NSEC, "example.").size();
  EXPECT_EQ(size, texts + denial + signature + 11);
}

TEST_F(RenderResponseTest, OnlyNamesOfRfc1035AreCompressed) {
  ReplyMessage mx("www.example.", Type::MX);
  mx.answer("www.example.", Type::MX, hex("000a") + name("mx.example."));
  EXPECT_EQ(render(mx).size(), 12u + 17 + 12 + 2 + 5);
  ReplyMessage srv("www.example.", Type::SRV);
  srv.answer("www.example.", Type::SRV, hex("0000 0000 0035") + name("mx.example."));
  EXPECT_EQ(render(srv).size(), 12u + 17 + 12 + 6 + 12);
}

TEST_F(RenderResponseTest, ChainIsCompressed) {
  ReplyMessage message("www.example.");
  message.cname("www.example.", "b.example.").a("b.example.");
  message.answer("b.example.", Type::A, hex("c0000202"));
  EXPECT_EQ(render(message).size(), 12u + 17 + (12 + 4) + 2 * (12 + 4));
}

// What we render is believed again and has the same records.
void round_trip(const ReplyMessage& message) {
  Checker checker;
  const auto reply = checker.check(message);
  ASSERT_TRUE(reply) << to_string(reply.error());
  Query query;
  query.id = message.asked.id;
  query.question = message.asked.question;
  ResponseOptions options;
  options.transport = Transport::tcp;
  Bytes out(kMaxMessage);
  out.resize(render_response(query, *reply, options, out));
  Reader reader(out);
  ASSERT_FALSE(Header::parse(reader)->has(kFlagTruncated));
  const ReplyScratchPtr again = make_reply_scratch();
  const auto second = check_reply(message.asked, out, *again);
  ASSERT_TRUE(second) << to_string(second.error());
  EXPECT_EQ(second->rcode, reply->rcode);
  EXPECT_EQ(second->answers, reply->answers);
  EXPECT_EQ(second->authorities, reply->authorities);
  EXPECT_EQ(Bytes(second->packed.begin(), second->packed.end()),
            Bytes(reply->packed.begin(), reply->packed.end()));
}

TEST(RoundTripTest, EveryForm) {
  for (const GoodRdata& good : good_rdata()) {
    SCOPED_TRACE(good.hex);
    ReplyMessage message("www.example.", good.type);
    round_trip(message.dnssec().answer("www.example.", good.type, hex(good.hex)));
  }
}

TEST(RoundTripTest, NameThatADnameMakesTooLong) {
  const std::string label(63, 'x');
  ReplyMessage message(label + ".old.example.");
  message.answer("old.example.", Type::DNAME, name(label + "." + label + "." + label + "."));
  message.answer("old.example.", Type::RRSIG, rrsig(Type::DNAME, "example."));
  round_trip(message.dnssec().rcode(static_cast<unsigned>(Rcode::yxdomain)));
}

TEST(RoundTripTest, ManyNames) {
  ReplyMessage message("www.example.", Type::MX);
  for (unsigned i = 0; i < 1500; ++i) {
    const std::string target =
        "mx" + std::to_string(i) + ".z" + std::to_string(i % 37) + ".example.";
    message.answer("www.example.", Type::MX, u16(i) + name(target));
  }
  round_trip(message);
}

}  // namespace
}  // namespace dotkeep::dns::testing
