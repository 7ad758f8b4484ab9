// check_reply: the header, the question, and the parse of every record.
#include "dns/reply.h"

#include <gtest/gtest.h>

#include "tests/dns/reply_message.h"

namespace dotkeep::dns::testing {
namespace {

class ReplyTest : public ::testing::Test {
 protected:
  Checker checker_;
  ReplyMessage good_ = ReplyMessage("www.example.").a("www.example.");

  std::string outcome(const ReplyMessage& message) { return checker_.outcome(message); }
};

TEST_F(ReplyTest, KeepsAnAnswer) {
  const auto reply = checker_.check(good_);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, Rcode::noerror);
  EXPECT_EQ(reply->answers, 1);
  EXPECT_EQ(reply->authorities, 0);
  EXPECT_FALSE(reply->authentic_data);
  RecordReader records(reply->packed);
  const auto record = records.next();
  ASSERT_TRUE(record);
  EXPECT_EQ(Bytes(record->owner.begin(), record->owner.end()), name("www.example."));
  EXPECT_EQ(record->type, Type::A);
  EXPECT_EQ(record->ttl, 300u);
  EXPECT_EQ(Bytes(record->rdata.begin(), record->rdata.end()), hex("c0000201"));
  EXPECT_FALSE(records.next());
}

TEST_F(ReplyTest, TooShort) {
  const Bytes bytes = good_.bytes();
  for (std::size_t size = 0; size < kHeaderSize; ++size) {
    const auto reply = check_reply(good_.asked, Octets(bytes).first(size), *checker_.scratch);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error(), ReplyFault::too_short);
  }
}

TEST_F(ReplyTest, EveryCutIsAFault) {
  ReplyMessage message("www.example.", Type::MX);
  message.dnssec().answer("www.example.", Type::MX, hex("000a") + name("mx.example."));
  message.answer("www.example.", Type::RRSIG, rrsig(Type::MX, "example."))
      .opt(hex("000f 0002 0003"));
  const Bytes bytes = message.bytes();
  ASSERT_TRUE(check_reply(message.asked, bytes, *checker_.scratch));
  for (std::size_t size = kHeaderSize; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto reply = check_reply(message.asked, cut, *checker_.scratch);
    ASSERT_FALSE(reply) << size;
    EXPECT_EQ(reply.error(), ReplyFault::cut_short) << size;
  }
}

TEST_F(ReplyTest, NotAResponse) {
  good_.flags &= 0x7fff;
  EXPECT_EQ(outcome(good_), "not_a_response");
}

TEST_F(ReplyTest, IdMismatch) {
  good_.id ^= 1;
  EXPECT_EQ(outcome(good_), "id_mismatch");
}

TEST_F(ReplyTest, OpcodeMismatch) {
  good_.flags |= 0x2000;
  EXPECT_EQ(outcome(good_), "opcode_mismatch");
}

TEST_F(ReplyTest, QuestionCount) {
  for (const unsigned count : {0U, 2U, 65535U}) {
    good_.questions = count;
    EXPECT_EQ(outcome(good_), "question_count");
  }
}

TEST_F(ReplyTest, QuestionMismatch) {
  Bytes other_name = good_.bytes();
  other_name[kHeaderSize + 1] = 'x';
  Bytes other_type = good_.bytes();
  other_type[kHeaderSize + 14] = 28;
  Bytes other_class = good_.bytes();
  other_class[kHeaderSize + 16] = 3;
  for (const Bytes& bytes : {other_name, other_type, other_class}) {
    const auto reply = check_reply(good_.asked, bytes, *checker_.scratch);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error(), ReplyFault::question_mismatch);
  }
}

TEST_F(ReplyTest, QuestionInOtherSpellingIsOurs) {
  Bytes bytes = good_.bytes();
  bytes[kHeaderSize + 1] = 'W';
  EXPECT_TRUE(check_reply(good_.asked, bytes, *checker_.scratch));
}

TEST_F(ReplyTest, TruncatedFlag) {
  good_.flags |= 0x0200;
  EXPECT_EQ(outcome(good_), "truncated_flag");
}

TEST_F(ReplyTest, Rcodes) {
  const ReplyMessage nothing("www.example.");
  for (unsigned rcode = 0; rcode < 4096; ++rcode) {
    ReplyMessage message("www.example.");
    message.rcode(rcode & 15).opt({}, (rcode >> 4) << 24);
    std::string expected = "unknown_rcode";
    if (rcode == 0) expected = "nothing_answers";
    if (rcode == 2) expected = "upstream_servfail";
    if (rcode == 3) expected = "";
    if (rcode == 1 || (rcode >= 4 && rcode <= 11) || rcode == 16 || rcode == 23) {
      expected = "upstream_refused";
    }
    ASSERT_EQ(outcome(message), expected) << rcode;
  }
}

TEST_F(ReplyTest, AuthenticDataIsTheUpstreams) {
  good_.flags |= 0x0020;
  EXPECT_TRUE(checker_.check(good_)->authentic_data);
}

TEST_F(ReplyTest, TrailingOctets) {
  good_.tail = {0};
  EXPECT_EQ(outcome(good_), "trailing_octets");
}

TEST_F(ReplyTest, TooManyRecords) {
  ReplyMessage message("www.example.");
  for (std::size_t i = 0; i < kMaxRecords; ++i) {
    message.counts[0] += 1;
  }
  EXPECT_EQ(outcome(message), "cut_short");  // the bound itself is allowed
  message.counts[2] += 1;
  EXPECT_EQ(outcome(message), "too_many_records");
}

TEST_F(ReplyTest, ClassMismatch) {
  for (const In section : {In::answer, In::authority, In::additional}) {
    ReplyMessage message = good_;
    message.add(section, name("www.example."), Type::A, hex("c0000202"), 300, 3);
    EXPECT_EQ(outcome(message), "class_mismatch");
  }
}

TEST_F(ReplyTest, RecordMisplaced) {
  for (const unsigned type :
       {0U, 24U, 25U, 30U, 128U, 200U, 249U, 250U, 251U, 252U, 253U, 254U, 255U}) {
    for (const In section : {In::answer, In::authority, In::additional}) {
      ReplyMessage message = good_;
      message.add(section, name("www.example."), static_cast<Type>(type), {}, 0, 255);
      EXPECT_EQ(outcome(message), "record_misplaced") << type;
    }
  }
}

TEST_F(ReplyTest, EverySectionIsParsedWhole) {
  for (const In section : {In::answer, In::authority, In::additional}) {
    ReplyMessage message = good_;
    message.add(section, name("other.example."), Type::A, hex("c00002"));
    EXPECT_EQ(outcome(message), "bad_rdata");
  }
}

TEST_F(ReplyTest, TtlIsSane) {
  const auto ttl_of = [&](std::uint32_t ttl) {
    ReplyMessage message("www.example.");
    const auto reply = checker_.check(message.a("www.example.", ttl));
    return RecordReader(reply->packed).next()->ttl;
  };
  EXPECT_EQ(ttl_of(0), 0u);
  EXPECT_EQ(ttl_of(kMaxTtl), kMaxTtl);
  EXPECT_EQ(ttl_of(kMaxTtl + 1), kMaxTtl);
  EXPECT_EQ(ttl_of(0x7fffffff), kMaxTtl);
  EXPECT_EQ(ttl_of(0x80000000), 0u);
  EXPECT_EQ(ttl_of(0xffffffff), 0u);
}

TEST_F(ReplyTest, TooLarge) {
  // A name of 255 octets at the end of one record, and pointers to it.
  ReplyMessage message("www.example.");
  const std::string label(63, 'a');
  const Bytes longest = name(label + "." + label + "." + label + "." + std::string(61, 'b') + ".");
  ASSERT_EQ(longest.size(), kMaxName);
  const auto first_at = static_cast<unsigned>(message.bytes().size());
  message.add(In::answer, longest, Type::A, hex("c0000201"));
  message.a("www.example.");
  const std::size_t each = kMaxName + 8 + 4;
  const std::size_t others = 13 + 8 + 4;
  const std::size_t room = (kMaxPacked - others) / each;
  for (std::size_t i = 1; i < room; ++i) {
    message.add(In::additional, pointer(first_at), Type::A, hex("c0000201"));
  }
  EXPECT_EQ(outcome(message), "www.example. 1");
  message.add(In::additional, pointer(first_at), Type::A, hex("c0000201"));
  EXPECT_EQ(outcome(message), "too_large");
}

// The room may end within an owner that a pointer stands for: nothing is remembered of it.
TEST_F(ReplyTest, TooLargeWithinAnOwner) {
  const std::string label(63, 'a');
  const Bytes longest = name(label + "." + label + "." + label + "." + std::string(61, 'b') + ".");
  for (unsigned more = 0; more < 255; ++more) {
    ReplyMessage message("www.example.");
    message.answer("www.example.", Type::TXT, Bytes(1 + more, 0));
    std::array<unsigned, 2> at{};
    for (unsigned& each : at) {
      each = static_cast<unsigned>(message.bytes().size());
      message.add(In::additional, longest, Type::A, hex("c0000201"));
    }
    for (std::size_t i = 0; i < kMaxPacked / kMaxName; ++i) {
      message.add(In::additional, pointer(at[i % 2]), Type::A, hex("c0000201"));
    }
    ASSERT_EQ(outcome(message), "too_large");
  }
}

TEST_F(ReplyTest, RecordReaderStopsWhereARecordIsCut) {
  const auto reply = checker_.check(good_);
  for (std::size_t size = 0; size < reply->packed.size(); ++size) {
    RecordReader records(reply->packed.first(size));
    EXPECT_FALSE(records.next());
  }
}

TEST_F(ReplyTest, EveryFaultHasAName) {
  for (std::size_t i = 0; i < kReplyFaults; ++i) {
    EXPECT_GT(std::string_view(to_string(static_cast<ReplyFault>(i))).size(), 6u);
  }
}

}  // namespace
}  // namespace dotkeep::dns::testing
