// check_reply: the OPT of a reply and what is taken from it.
#include <gtest/gtest.h>

#include "dns/edns.h"
#include "dns/reply_parse.h"
#include "tests/dns/reply_message.h"

namespace dotkeep::dns::testing {
namespace {

class ReplyOptTest : public ::testing::Test {
 protected:
  Checker checker_;
  std::string outcome(const ReplyMessage& message) { return checker_.outcome(message); }
  static ReplyMessage good() { return ReplyMessage("www.example.").a("www.example."); }
};

Bytes option(unsigned code, const Bytes& data) {
  return u16(code) + u16(static_cast<unsigned>(data.size())) + data;
}

Bytes ede(unsigned code, const Bytes& words) {
  return option(15, u16(code) + words);
}

std::string text_of(const Ede& ede) {
  return std::string(ede.text.data(), ede.text_size);
}

TEST_F(ReplyOptTest, OnlyOne) {
  EXPECT_EQ(outcome(good().opt()), "www.example. 1");
  EXPECT_EQ(outcome(good().opt().opt()), "opt_invalid");
}

TEST_F(ReplyOptTest, OnlyInAdditional) {
  for (const In section : {In::answer, In::authority}) {
    EXPECT_EQ(outcome(good().add(section, {0}, Type::OPT, {}, 0, 1232)), "opt_invalid");
  }
}

TEST_F(ReplyOptTest, OnlyOfTheRoot) {
  EXPECT_EQ(outcome(good().add(In::additional, name("a."), Type::OPT, {}, 0, 1232)), "opt_invalid");
}

TEST_F(ReplyOptTest, OnlyOfVersion0) {
  EXPECT_EQ(outcome(good().opt({}, 0x00010000)), "opt_invalid");
}

TEST_F(ReplyOptTest, OptionsAreBounded) {
  EXPECT_EQ(outcome(good().opt(hex("000c 0001"))), "opt_invalid");
  EXPECT_EQ(outcome(good().opt(hex("000c 00"))), "opt_invalid");
  Bytes options;
  for (std::size_t i = 0; i < kMaxEdnsOptions; ++i) options = options + option(12, {});
  EXPECT_EQ(outcome(good().opt(options)), "www.example. 1");
  EXPECT_EQ(outcome(good().opt(options + option(12, {}))), "opt_invalid");
}

TEST_F(ReplyOptTest, Keepalive) {
  EXPECT_EQ(checker_.check(good().opt(option(11, hex("0102"))))->keepalive, 0x0102);
  EXPECT_FALSE(checker_.check(good().opt())->keepalive);
  EXPECT_EQ(outcome(good().opt(option(11, {}))), "opt_invalid");
  EXPECT_EQ(outcome(good().opt(option(11, hex("01")))), "opt_invalid");
  EXPECT_EQ(outcome(good().opt(option(11, hex("010203")))), "opt_invalid");
}

TEST_F(ReplyOptTest, EdesAreKept) {
  const auto reply = checker_.check(good().opt(ede(3, text("stale")) + ede(65535, {})));
  ASSERT_EQ(reply->ede_count, 2);
  EXPECT_EQ(reply->edes[0].code, ExtendedError::stale_answer);
  EXPECT_EQ(text_of(reply->edes[0]), "stale");
  EXPECT_EQ(static_cast<unsigned>(reply->edes[1].code), 65535u);
  EXPECT_EQ(reply->edes[1].text_size, 0);
  EXPECT_EQ(outcome(good().opt(option(15, hex("00")))), "opt_invalid");
}

TEST_F(ReplyOptTest, NoMoreEdesThanFit) {
  Bytes options;
  for (unsigned i = 0; i < kMaxEdes + 2; ++i) options = options + ede(i, {});
  const auto reply = checker_.check(good().opt(options));
  ASSERT_EQ(reply->ede_count, kMaxEdes);
  EXPECT_EQ(static_cast<unsigned>(reply->edes[kMaxEdes - 1].code), kMaxEdes - 1);
}

TEST_F(ReplyOptTest, EdesOfAServfailAreThereToAsk) {
  EXPECT_EQ(outcome(good().rcode(2).opt(ede(6, text("bogus")))), "upstream_servfail");
  const std::span<const Ede> edes = last_edes(*checker_.scratch);
  ASSERT_EQ(edes.size(), 1u);
  EXPECT_EQ(edes[0].code, ExtendedError::dnssec_bogus);
  EXPECT_EQ(text_of(edes[0]), "bogus");
  EXPECT_EQ(outcome(good()), "www.example. 1");
  EXPECT_TRUE(last_edes(*checker_.scratch).empty());
}

std::string cleaned(const Bytes& words) {
  Ede ede;
  clean_text(words, ede);
  return text_of(ede);
}

TEST(CleanTextTest, KeepsWellFormedText) {
  EXPECT_EQ(cleaned(text("A z~")), "A z~");
  EXPECT_EQ(cleaned(text("\u00e9\u20ac\U0001f600")), "\u00e9\u20ac\U0001f600");
  EXPECT_EQ(cleaned(hex("f48fbfbf")), "\U0010ffff");
  EXPECT_EQ(cleaned({}), "");
}

TEST(CleanTextTest, DropsControls) {
  EXPECT_EQ(cleaned(text(std::string("a\0b\x1b[0m\r\n\x7f", 10))), "ab[0m");
  EXPECT_EQ(cleaned(text("a\u0085\u009f\u200b\u200f\u2028\u202e\u2066\u2069\ufeffz")), "az");
  EXPECT_EQ(cleaned(text("\u00a0\u2010\u202f\u2070")), "\u00a0\u2010\u202f\u2070")
      << "their neighbours";
}

TEST(CleanTextTest, DropsWhatIsNotUtf8) {
  for (const char* bad :
       {"80", "bf", "c0af", "c1bf", "e08080", "e09fbf", "eda080", "edbfbf", "f0808080", "f08fbfbf",
        "f4908080", "f5808080", "ff", "c2", "e282", "f09f98", "c241", "e28241"}) {
    const std::string left = cleaned(text("a") + hex(bad));
    EXPECT_TRUE(left == "a" || left == "aA") << bad;
  }
}

TEST(CleanTextTest, CutsBetweenCharacters) {
  EXPECT_EQ(cleaned(Bytes(70, 'a')).size(), 64u);
  EXPECT_EQ(cleaned(Bytes(64, 'a')).size(), 64u);
  EXPECT_EQ(cleaned(Bytes(63, 'a') + text("\u00e9")).size(), 63u);
  EXPECT_EQ(cleaned(Bytes(62, 'a') + text("\u00e9")).size(), 64u);
}

}  // namespace
}  // namespace dotkeep::dns::testing
