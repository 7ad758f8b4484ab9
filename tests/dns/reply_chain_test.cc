// check_reply: which answer records lead from the question's name to an answer, and which lies are
// told about that. `outcome` shows owner and type number of each record kept, authority after "--".
#include <gtest/gtest.h>

#include "dns/reply_select.h"
#include "tests/dns/reply_message.h"

namespace dotkeep::dns::testing {
namespace {

class ChainTest : public ::testing::Test {
 protected:
  Checker checker_;
  std::string outcome(const ReplyMessage& message) { return checker_.outcome(message); }
};

ReplyMessage ask(Type type = Type::A) {
  return ReplyMessage("www.example.", type);
}

TEST_F(ChainTest, FollowsCnames) {
  EXPECT_EQ(
      outcome(
          ask().cname("www.example.", "b.example.").cname("b.example.", "c.test.").a("c.test.")),
      "www.example. 5 b.example. 5 c.test. 1");
}

TEST_F(ChainTest, OrderDoesNotMatterAndIsPutRight) {
  EXPECT_EQ(
      outcome(
          ask().a("c.test.").cname("b.example.", "c.test.").cname("www.example.", "b.example.")),
      "www.example. 5 b.example. 5 c.test. 1");
}

TEST_F(ChainTest, CaseDoesNotMatter) {
  EXPECT_EQ(outcome(ask().cname("WWW.example.", "B.example.").a("b.EXAMPLE.")),
            "WWW.example. 5 b.EXAMPLE. 1");
}

TEST_F(ChainTest, WhatDoesNotAnswerIsDropped) {
  ReplyMessage message = ask();
  message.a("www.example.").a("bank.test.").cname("other.example.", "www.example.");
  message.answer("www.example.", Type::TXT, hex("0161"));
  message.add(In::additional, name("bank.test."), Type::A, hex("c0000201"));
  message.authority("example.", Type::NS, name("ns.evil."));
  message.add(In::additional, name("ns.evil."), Type::A, hex("c0000201"));
  EXPECT_EQ(outcome(message), "www.example. 1");
}

TEST_F(ChainTest, OwnersMayBePointersOrNot) {
  ReplyMessage message = ask();
  const Bytes question = pointer(kHeaderSize);
  message.a("ww.example.").add(In::answer, question, Type::A, hex("c0000201"));
  message.add(In::answer, hex("03777777") + pointer(kHeaderSize + 4), Type::A, hex("c0000202"));
  message.a("ww.example.").add(In::answer, question, Type::A, hex("c0000203"));
  message.add(In::answer, pointer(kHeaderSize + 4), Type::A, hex("c0000204"));
  message.add(In::answer, pointer(kHeaderSize + 4), Type::A, hex("c0000205"));
  EXPECT_EQ(outcome(message), "www.example. 1 www.example. 1 www.example. 1");
}

TEST_F(ChainTest, AnswerForAnotherNameIsNone) {
  EXPECT_EQ(outcome(ask().a("ww.example.")), "nothing_answers");
  EXPECT_EQ(outcome(ask().cname("www.example.", "b.example.").a("c.example.")), "nothing_answers");
}

TEST_F(ChainTest, AnswerOfAnotherTypeIsNone) {
  EXPECT_EQ(outcome(ask().answer("www.example.", Type::TXT, hex("0161"))), "nothing_answers");
}

TEST_F(ChainTest, AnswerInAnotherSectionIsNone) {
  EXPECT_EQ(outcome(ask().authority("www.example.", Type::A, hex("c0000201"))), "nothing_answers");
  EXPECT_EQ(outcome(ask().add(In::additional, name("www.example."), Type::A, hex("c0000201"))),
            "nothing_answers");
}

TEST_F(ChainTest, Loops) {
  EXPECT_EQ(outcome(ask().cname("www.example.", "www.example.")), "chain_loop");
  EXPECT_EQ(outcome(ask().cname("www.example.", "b.example.").cname("b.example.", "WWW.example.")),
            "chain_loop");
  EXPECT_EQ(outcome(ask()
                        .cname("www.example.", "b.example.")
                        .cname("b.example.", "c.example.")
                        .cname("c.example.", "b.example.")),
            "chain_loop");
}

TEST_F(ChainTest, LengthIsBounded) {
  const auto chain = [](int steps) {
    ReplyMessage message = ask();
    std::string from = "www.example.";
    for (int i = 0; i < steps; ++i) {
      const std::string to = "n" + std::to_string(i) + ".example.";
      message.cname(from, to);
      from = to;
    }
    return message.a(from);
  };
  const auto reply = checker_.check(chain(kMaxChain));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->answers, kMaxChain + 1);
  EXPECT_EQ(outcome(chain(kMaxChain + 1)), "chain_loop");
}

TEST_F(ChainTest, TwoCnamesAreBroken) {
  EXPECT_EQ(outcome(ask()
                        .cname("www.example.", "b.example.")
                        .cname("www.example.", "c.example.")
                        .a("b.example.")),
            "chain_broken");
}

TEST_F(ChainTest, TheSameCnameTwiceIsOne) {
  EXPECT_EQ(outcome(ask()
                        .cname("www.example.", "b.example.")
                        .cname("www.example.", "B.example.")
                        .a("b.example.")),
            "www.example. 5 b.example. 1");
}

TEST_F(ChainTest, CnameBesideDataIsBroken) {
  EXPECT_EQ(outcome(ask().cname("www.example.", "b.example.").a("www.example.").a("b.example.")),
            "chain_broken");
  EXPECT_EQ(outcome(ask()
                        .cname("www.example.", "b.example.")
                        .answer("www.example.", Type::TXT, hex("0161"))
                        .a("b.example.")),
            "chain_broken");
}

TEST_F(ChainTest, CnameBesideItsProofIsNot) {
  ReplyMessage message = ask();
  message.cname("www.example.", "b.example.").a("b.example.");
  message.answer("www.example.", Type::RRSIG, rrsig(Type::CNAME, "example."));
  message.answer("www.example.", Type::NSEC, nsec("z.example."));
  EXPECT_EQ(outcome(message), "www.example. 5 b.example. 1");
  EXPECT_EQ(outcome(message.dnssec()), "www.example. 5 www.example. 46 b.example. 1");
}

TEST_F(ChainTest, CnameAskedForIsNotFollowed) {
  EXPECT_EQ(
      outcome(
          ask(Type::CNAME).cname("www.example.", "b.example.").cname("b.example.", "c.example.")),
      "www.example. 5");
}

TEST_F(ChainTest, RrsigAndNsecAskedForStandBesideACname) {
  for (const Type type : {Type::RRSIG, Type::NSEC}) {
    ReplyMessage message = ask(type);
    message.cname("www.example.", "b.example.");
    message.answer("www.example.", Type::RRSIG, rrsig(Type::CNAME, "example."));
    message.answer("www.example.", Type::NSEC, nsec("z.example."));
    EXPECT_EQ(outcome(message), "www.example. " + std::to_string(static_cast<unsigned>(type)));
  }
}

TEST_F(ChainTest, RrsigAskedForComesOnceAndKeepsItsTtls) {
  ReplyMessage message = ask(Type::RRSIG);
  message.dnssec();
  message.answer("www.example.", Type::RRSIG, rrsig(Type::A, "example."), 100);
  message.answer("www.example.", Type::RRSIG, rrsig(Type::RRSIG, "example."), 200);
  EXPECT_EQ(outcome(message), "www.example. 46 www.example. 46");
  const auto reply = checker_.check(message);
  RecordReader records(reply->packed);
  EXPECT_EQ(records.next()->ttl, 100u);
  EXPECT_EQ(records.next()->ttl, 200u);
}

TEST_F(ChainTest, RrsigsOnlyWithDoAndOnlyOfWhatIsKept) {
  ReplyMessage message = ask();
  message.a("www.example.");
  message.answer("www.example.", Type::RRSIG, rrsig(Type::A, "example."));
  message.answer("www.example.", Type::RRSIG, rrsig(Type::AAAA, "example."));
  message.answer("ww.example.", Type::RRSIG, rrsig(Type::A, "example."));
  EXPECT_EQ(outcome(message), "www.example. 1");
  EXPECT_EQ(outcome(message.dnssec()), "www.example. 1 www.example. 46");
}

TEST_F(ChainTest, OneTtlForAnRrsetAndItsRrsigs) {
  ReplyMessage message = ask();
  message.dnssec().a("www.example.", 300);
  message.answer("www.example.", Type::A, hex("c0000202"), 200);
  message.answer("www.example.", Type::RRSIG, rrsig(Type::A, "example."), 100);
  const auto reply = checker_.check(message);
  ASSERT_EQ(reply->answers, 3);
  RecordReader records(reply->packed);
  while (const auto record = records.next()) EXPECT_EQ(record->ttl, 100u);
}

TEST_F(ChainTest, DuplicatesAreRemoved) {
  EXPECT_EQ(outcome(ask().a("www.example.").a("WWW.example.").a("www.example.")), "www.example. 1");
  // Names that differ by case only are the same; other octets that look like letters are not.
  ReplyMessage message = ask(Type::MX);
  message.answer("www.example.", Type::MX, hex("0041") + name("mx.example."));
  message.answer("www.example.", Type::MX, hex("0061") + name("mx.example."));
  message.answer("www.example.", Type::MX, hex("0061") + name("MX.example."));
  EXPECT_EQ(outcome(message), "www.example. 15 www.example. 15");
  // One that is the beginning of another is another.
  EXPECT_EQ(outcome(ask(Type::TXT)
                        .answer("www.example.", Type::TXT, hex("0161"))
                        .answer("www.example.", Type::TXT, hex("0161 00"))),
            "www.example. 16 www.example. 16");
}

TEST_F(ChainTest, DuplicatesAreRemovedAmongMany) {
  ReplyMessage message = ask();
  for (unsigned i = 0; i < 1000; ++i) {
    message.answer("www.example.", Type::A, u32(0xc0000000 + i % 300));
  }
  const auto reply = checker_.check(message);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->answers, 300);
  RecordReader records(reply->packed);
  for (unsigned i = 0; i < 300; ++i) {
    const auto record = records.next();
    EXPECT_EQ(Bytes(record->rdata.begin(), record->rdata.end()), u32(0xc0000000 + i));
  }
}

ReplyMessage with_dname(std::string_view synthesised) {
  ReplyMessage message("a.b.old.example.");
  message.answer("old.example.", Type::DNAME, name("new.test."));
  if (!synthesised.empty()) message.cname("a.b.old.example.", synthesised).a(synthesised);
  return message;
}

TEST_F(ChainTest, FollowsADname) {
  EXPECT_EQ(outcome(with_dname("a.b.new.test.")),
            "old.example. 39 a.b.old.example. 5 a.b.new.test. 1");
  EXPECT_EQ(outcome(with_dname("A.b.NEW.test.")),
            "old.example. 39 a.b.old.example. 5 A.b.NEW.test. 1");
}

TEST_F(ChainTest, DnameWithItsRrsig) {
  ReplyMessage message = with_dname("a.b.new.test.").dnssec();
  message.answer("old.example.", Type::RRSIG, rrsig(Type::DNAME, "example."));
  EXPECT_EQ(outcome(message), "old.example. 39 old.example. 46 a.b.old.example. 5 a.b.new.test. 1");
}

TEST_F(ChainTest, DnameThatDoesNotGiveTheCnameIsBroken) {
  for (const char* target :
       {"a.b.evil.test.", "a.b.wen.test.", "a.new.test.", "x.b.new.test.", "new.test."}) {
    EXPECT_EQ(outcome(with_dname(target)), "chain_broken") << target;
  }
}

TEST_F(ChainTest, DnameWithoutItsCnameIsBroken) {
  EXPECT_EQ(outcome(with_dname("")), "chain_broken");
  EXPECT_EQ(outcome(with_dname("").a("a.b.old.example.")), "chain_broken");
}

TEST_F(ChainTest, TwoDnamesAreBroken) {
  ReplyMessage message = with_dname("a.b.new.test.");
  message.answer("old.example.", Type::DNAME, name("other.test."));
  EXPECT_EQ(outcome(message), "chain_broken");
}

TEST_F(ChainTest, DnameUsedTwiceIsKeptOnce) {
  ReplyMessage message("a.old.example.");
  message.answer("old.example.", Type::DNAME, name("new.test."));
  message.cname("a.old.example.", "a.new.test.").cname("a.new.test.", "b.old.example.");
  message.cname("b.old.example.", "b.new.test.").a("b.new.test.");
  EXPECT_EQ(outcome(message),
            "old.example. 39 a.old.example. 5 a.new.test. 5 b.old.example. 5 b.new.test. 1");
}

TEST_F(ChainTest, DnamesAreBounded) {
  const auto with = [](int owners) {
    ReplyMessage message = ask();
    message.a("www.example.");
    for (int i = 0; i < owners; ++i) {
      message.answer("d" + std::to_string(i) + ".test.", Type::DNAME, name("new.test."));
    }
    return message;
  };
  EXPECT_EQ(outcome(with(kMaxDnameOwners)), "www.example. 1");
  EXPECT_EQ(outcome(with(kMaxDnameOwners + 1)), "chain_loop");
}

TEST_F(ChainTest, TheSameDnameTwiceIsOne) {
  ReplyMessage message("a.old.example.", Type::A);
  message.answer("old.example.", Type::DNAME, name("new.test."))
      .answer("old.example.", Type::DNAME, name("NEW.test."))
      .cname("a.old.example.", "a.new.test.")
      .a("a.new.test.");
  const auto reply = checker_.check(message);
  ASSERT_TRUE(reply);
  EXPECT_GE(reply->answers, 3);
}

TEST_F(ChainTest, DnameElsewhereIsDropped) {
  ReplyMessage message = ask();
  message.answer("old.example.", Type::DNAME, name("new.test.")).a("www.example.").a("example.");
  EXPECT_EQ(outcome(message), "www.example. 1");
}

TEST_F(ChainTest, DnameAskedForIsFound) {
  ReplyMessage message("old.example.", Type::DNAME);
  message.answer("old.example.", Type::DNAME, name("new.test."));
  EXPECT_EQ(outcome(message), "old.example. 39");
}

TEST_F(ChainTest, DnameOfTheRootGovernsAll) {
  ReplyMessage message = ask();
  message.answer(".", Type::DNAME, name("new.test."))
      .cname("www.example.", "www.example.new.test.");
  EXPECT_EQ(outcome(message.authority("test.", Type::SOA, soa())), "chain_broken")
      << "the name it leads to lies below it again";
}

TEST_F(ChainTest, NxdomainOfTheChainsEnd) {
  EXPECT_EQ(outcome(ask().rcode(3).cname("www.example.", "b.example.")), "www.example. 5");
}

TEST_F(ChainTest, NxdomainBesideDataIsBroken) {
  EXPECT_EQ(outcome(ask().rcode(3).a("www.example.")), "chain_broken");
}

}  // namespace
}  // namespace dotkeep::dns::testing
