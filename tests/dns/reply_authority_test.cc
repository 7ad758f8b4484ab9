// check_reply: what is kept of the authority section.
#include <gtest/gtest.h>

#include "dns/reply_select.h"
#include "tests/dns/reply_message.h"

namespace dotkeep::dns::testing {
namespace {

class AuthorityTest : public ::testing::Test {
 protected:
  Checker checker_;
  std::string outcome(const ReplyMessage& message) { return checker_.outcome(message); }
};

ReplyMessage ask(Type type = Type::A) {
  return ReplyMessage("www.example.", type);
}

TEST_F(AuthorityTest, NodataShowsItsSoa) {
  EXPECT_EQ(outcome(ask().authority("example.", Type::SOA, soa())), "-- example. 6");
  EXPECT_EQ(outcome(ask().authority("www.example.", Type::SOA, soa())), "-- www.example. 6");
  EXPECT_EQ(outcome(ask().authority(".", Type::SOA, soa())), "-- . 6");
}

TEST_F(AuthorityTest, NodataWithoutSoaShowsNothing) {
  EXPECT_EQ(outcome(ask()), "nothing_answers");
  EXPECT_EQ(outcome(ask().cname("www.example.", "b.test.")), "nothing_answers");
}

TEST_F(AuthorityTest, ReferralIsNoAnswer) {
  EXPECT_EQ(outcome(ask().authority("example.", Type::NS, name("ns.example."))), "nothing_answers");
}

TEST_F(AuthorityTest, SoaOfAnotherZoneIsNotBelieved) {
  for (const char* zone : {"test.", "x.www.example.", "ww.example.", "ample."}) {
    EXPECT_EQ(outcome(ask().authority(zone, Type::SOA, soa())), "nothing_answers") << zone;
    EXPECT_EQ(outcome(ask().rcode(3).authority(zone, Type::SOA, soa())), "") << zone;
  }
}

TEST_F(AuthorityTest, SoaIsAboutTheChainsEnd) {
  ReplyMessage message = ask();
  message.cname("www.example.", "b.test.").authority("example.", Type::SOA, soa());
  EXPECT_EQ(outcome(message), "nothing_answers");
  message.authority("test.", Type::SOA, soa());
  EXPECT_EQ(outcome(message), "www.example. 5 -- test. 6");
}

TEST_F(AuthorityTest, NxdomainMayComeWithoutSoa) {
  EXPECT_EQ(outcome(ask().rcode(3)), "");
  EXPECT_EQ(outcome(ask().rcode(3).authority("example.", Type::SOA, soa())), "-- example. 6");
}

TEST_F(AuthorityTest, OneSoa) {
  ReplyMessage message = ask();
  message.authority("example.", Type::SOA, soa())
      .authority("example.", Type::SOA, soa("b.example."));
  EXPECT_EQ(outcome(message.authority(".", Type::SOA, soa())), "-- example. 6");
}

TEST_F(AuthorityTest, PositiveAnswersNeedNone) {
  ReplyMessage message = ask();
  message.a("www.example.").authority("example.", Type::SOA, soa());
  message.authority("example.", Type::NS, name("ns.example."));
  EXPECT_EQ(outcome(message), "www.example. 1");
}

TEST_F(AuthorityTest, DenialsOnlyWithDo) {
  ReplyMessage message = ask();
  message.authority("example.", Type::SOA, soa());
  message.authority("example.", Type::RRSIG, rrsig(Type::SOA, "example."));
  message.authority("www.example.", Type::NSEC, nsec("z.example."));
  message.authority("www.example.", Type::RRSIG, rrsig(Type::NSEC, "example."));
  EXPECT_EQ(outcome(message), "-- example. 6");
  EXPECT_EQ(outcome(message.dnssec()), "-- example. 6 example. 46 www.example. 47 www.example. 46");
}

TEST_F(AuthorityTest, DenialsOfTheSoasZoneOnly) {
  ReplyMessage message = ask().dnssec();
  message.authority("example.", Type::SOA, soa());
  message.authority("a.test.", Type::NSEC, nsec("z.test."));
  message.authority("a.test.", Type::RRSIG, rrsig(Type::NSEC, "test."));
  message.authority("a.test.", Type::NSEC3,
                    hex("0100000000 01aa 0006400000000001").size() > 0
                        ? hex("01 00 0000 00 01aa 000140")
                        : Bytes{});
  message.authority("h.example.", Type::NSEC3, hex("01 00 0000 00 01aa 000140"));
  message.authority("d.example.", Type::DS, hex("0001 08 02") + Bytes(32, 1));
  message.authority("example.", Type::NS, name("ns.example."));
  EXPECT_EQ(outcome(message), "-- example. 6 h.example. 50 d.example. 43");
}

TEST_F(AuthorityTest, WildcardsAreShownWithoutSoa) {
  ReplyMessage message = ask().dnssec();
  message.a("www.example.");
  message.answer("www.example.", Type::RRSIG, rrsig(Type::A, "example."));
  message.authority("v.example.", Type::NSEC, nsec("z.example."));
  EXPECT_EQ(outcome(message), "www.example. 1 www.example. 46") << "unsigned, in no zone";
  message.authority("v.example.", Type::RRSIG, rrsig(Type::NSEC, "example."));
  EXPECT_EQ(outcome(message), "www.example. 1 www.example. 46 -- v.example. 47 v.example. 46");
}

TEST_F(AuthorityTest, WildcardsInTheMiddleOfTheChainToo) {
  ReplyMessage message = ask().dnssec();
  message.cname("www.example.", "b.test.").a("b.test.");
  message.authority("v.example.", Type::NSEC, nsec("z.example."));
  message.authority("v.example.", Type::RRSIG, rrsig(Type::NSEC, "example."));
  EXPECT_EQ(outcome(message), "www.example. 5 b.test. 1 -- v.example. 47 v.example. 46");
}

TEST_F(AuthorityTest, SignerMustBeAboveOwnerAndAChainsName) {
  for (const char* signer : {"test.", "w.v.example.", "v.example."}) {
    ReplyMessage message = ask().dnssec();
    message.a("www.example.").authority("v.example.", Type::NSEC, nsec("z.example."));
    message.authority("v.example.", Type::RRSIG, rrsig(Type::NSEC, signer));
    EXPECT_EQ(outcome(message), "www.example. 1") << signer;
  }
  ReplyMessage message = ask().dnssec();
  message.a("www.example.").authority("v.test.", Type::NSEC, nsec("z.test."));
  message.authority("v.test.", Type::RRSIG, rrsig(Type::NSEC, "example."));
  EXPECT_EQ(outcome(message), "www.example. 1") << "an owner that is not the signer's";
}

TEST_F(AuthorityTest, RrsetsOfDenialsAreWhole) {
  ReplyMessage message = ask().dnssec();
  message.authority("example.", Type::SOA, soa());
  message.authority("d.example.", Type::DS, hex("0001 08 02") + Bytes(32, 1), 50);
  message.authority("w.example.", Type::NSEC, nsec("z.example."));
  message.authority("d.example.", Type::DS, hex("0001 08 02") + Bytes(32, 2), 40);
  message.authority("d.example.", Type::DS, hex("0001 08 02") + Bytes(32, 2), 60);
  EXPECT_EQ(outcome(message), "-- example. 6 d.example. 43 d.example. 43 w.example. 47");
  const auto reply = checker_.check(message);
  RecordReader records(reply->packed);
  EXPECT_EQ(records.next()->ttl, 300u);
  EXPECT_EQ(records.next()->ttl, 40u);
}

TEST_F(AuthorityTest, DenialsAreBounded) {
  ReplyMessage message = ask().dnssec();
  message.authority("example.", Type::SOA, soa());
  for (std::size_t i = 0; i < kMaxProofs + 10; ++i) {
    message.authority("n" + std::to_string(i) + ".example.", Type::NSEC, nsec("z.example."));
  }
  EXPECT_EQ(checker_.check(message)->authorities, kMaxProofs + 1);
}

}  // namespace
}  // namespace dotkeep::dns::testing
