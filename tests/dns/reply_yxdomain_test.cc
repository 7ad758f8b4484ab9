// check_reply: YXDOMAIN, by which a server says that a DNAME would make a name of more than 255
// octets (RFC 6672 section 2.2). Believed only where the DNAME is there and does.
#include <gtest/gtest.h>

#include "tests/dns/reply_message.h"

namespace dotkeep::dns::testing {
namespace {

constexpr unsigned kYxdomain = static_cast<unsigned>(Rcode::yxdomain);
// Below old.example: with kTarget in its place, 255 octets and 256.
constexpr std::size_t kFits = 61;
constexpr std::size_t kTooLong = 62;

std::string label(std::size_t octets) {
  return std::string(octets, 'x');
}

const std::string kTarget = label(63) + "." + label(63) + "." + label(63) + ".";

std::string below(std::size_t octets) {
  return label(octets) + ".old.example.";
}

// YXDOMAIN for that name, and the DNAME above it.
ReplyMessage yxdomain(std::size_t octets = kTooLong, Type type = Type::A) {
  ReplyMessage message(below(octets), type);
  message.answer("old.example.", Type::DNAME, name(kTarget));
  return message.rcode(kYxdomain);
}

class YxdomainTest : public ::testing::Test {
 protected:
  Checker checker_;
  std::string outcome(const ReplyMessage& message) { return checker_.outcome(message); }
};

TEST_F(YxdomainTest, IsAnAnswerWhereTheDnameMakesTheNameTooLong) {
  for (const Type type : {Type::A, Type::CNAME, Type::DNAME}) {
    const auto reply = checker_.check(yxdomain(kTooLong, type));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->rcode, Rcode::yxdomain);
    EXPECT_EQ(Checker::lines(*reply), "old.example. 39");
  }
}

TEST_F(YxdomainTest, TheDnamesRrsigComesWithIt) {
  ReplyMessage message = yxdomain();
  message.answer("old.example.", Type::RRSIG, rrsig(Type::DNAME, "example."));
  EXPECT_EQ(outcome(message), "old.example. 39");
  EXPECT_EQ(outcome(message.dnssec()), "old.example. 39 old.example. 46");
}

TEST_F(YxdomainTest, IsAboutTheChainsEnd) {
  ReplyMessage message("www.example.");
  message.rcode(kYxdomain).answer("old.example.", Type::DNAME, name(kTarget));
  message.cname("www.example.", below(kTooLong));
  EXPECT_EQ(outcome(message), "www.example. 5 old.example. 39");
}

TEST_F(YxdomainTest, WhatDoesNotAnswerIsDropped) {
  ReplyMessage message = yxdomain();
  message.a("bank.test.").authority("example.", Type::NS, name("ns.evil."));
  EXPECT_EQ(outcome(message), "old.example. 39");
}

TEST_F(YxdomainTest, ANameThatFitsIsRefused) {
  EXPECT_EQ(outcome(yxdomain(kFits)), "upstream_refused");
}

TEST_F(YxdomainTest, WithoutADnameAboveTheNameItIsRefused) {
  EXPECT_EQ(outcome(ReplyMessage(below(kTooLong)).rcode(kYxdomain)), "upstream_refused");
  ReplyMessage elsewhere(below(kTooLong));
  elsewhere.answer("older.example.", Type::DNAME, name(kTarget));
  EXPECT_EQ(outcome(elsewhere.rcode(kYxdomain)), "upstream_refused");
  // A DNAME says nothing of its own owner.
  ReplyMessage its_own(below(kTooLong));
  its_own.answer(below(kTooLong), Type::DNAME, name(kTarget));
  EXPECT_EQ(outcome(its_own.rcode(kYxdomain)), "upstream_refused");
  ReplyMessage in_authority(below(kTooLong));
  in_authority.authority("old.example.", Type::DNAME, name(kTarget));
  EXPECT_EQ(outcome(in_authority.rcode(kYxdomain)), "upstream_refused");
}

TEST_F(YxdomainTest, BesideWhatCannotBeBelowADnameItIsRefused) {
  EXPECT_EQ(outcome(yxdomain().a(below(kTooLong))), "upstream_refused");
  EXPECT_EQ(outcome(yxdomain().answer(below(kTooLong), Type::TXT, hex("0161"))),
            "upstream_refused");
  EXPECT_EQ(outcome(yxdomain(kTooLong, Type::RRSIG)
                        .answer(below(kTooLong), Type::RRSIG, rrsig(Type::A, "example."))),
            "upstream_refused");
  EXPECT_EQ(outcome(yxdomain().cname(below(kTooLong), "b.example.")), "upstream_refused");
}

TEST_F(YxdomainTest, OfTwoDnamesItIsRefused) {
  EXPECT_EQ(outcome(yxdomain().answer("old.example.", Type::DNAME, name("new.test."))),
            "upstream_refused");
  EXPECT_EQ(outcome(yxdomain().answer("example.", Type::DNAME, name("new.test."))),
            "upstream_refused");
}

TEST_F(YxdomainTest, WithAnAnswerOrALoopItIsRefused) {
  EXPECT_EQ(outcome(ReplyMessage("www.example.").a("www.example.").rcode(kYxdomain)),
            "upstream_refused");
  EXPECT_EQ(
      outcome(ReplyMessage("www.example.").cname("www.example.", "www.example.").rcode(kYxdomain)),
      "upstream_refused");
}

TEST_F(YxdomainTest, ANameThatIsTooLongUnderAnotherRcodeIsBroken) {
  EXPECT_EQ(outcome(yxdomain().rcode(0)), "chain_broken");
  EXPECT_EQ(outcome(yxdomain().rcode(3)), "chain_broken");
  EXPECT_EQ(outcome(yxdomain().rcode(0).authority("example.", Type::SOA, soa())), "chain_broken");
}

}  // namespace
}  // namespace dotkeep::dns::testing
