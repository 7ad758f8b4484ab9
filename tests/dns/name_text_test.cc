#include <gtest/gtest.h>

#include "dns/name.h"
#include "tests/dns/client_message.h"

namespace dotkeep::dns {
namespace {

TEST(NameText, ReadsPresentationForm) {
  struct Case {
    std::string_view from;
    std::string_view wire;
  };
  for (const Case& c : {
           Case{".", "00"},
           Case{"a", "016100"},
           Case{"a.", "016100"},
           Case{"www.Example", "03777777074578616d706c6500"},
           Case{"a\\.b.c", "03612e62016300"},
           Case{"a\\\\", "02615c00"},
           Case{"\\000\\255", "0200ff00"},
           Case{"\\065b", "02416200"},
           Case{"\\..", "012e00"},
       }) {
    const auto parsed = Name::from_text(c.from);
    ASSERT_TRUE(parsed) << c.from;
    EXPECT_EQ(to_hex(parsed->wire()), c.wire) << c.from;
  }
}

TEST(NameText, RefusesWhatIsNoName) {
  for (const std::string_view from :
       {"", "..", ".a", "a..b", "a..", "a\\", "\\25", "\\2x5", "\\25x", "\\256", "\\999"}) {
    EXPECT_FALSE(Name::from_text(from)) << from;
  }
}

TEST(NameText, KnowsTheBoundsOfLabelsAndNames) {
  const std::string label(63, 'a');
  EXPECT_TRUE(Name::from_text(label));
  EXPECT_FALSE(Name::from_text(label + "a"));
  const std::string three = label + "." + label + "." + label + ".";
  // 3 * 64 octets, then a label of 61 and its length, then the root: 255.
  const std::string longest = three + std::string(61, 'b');
  ASSERT_TRUE(Name::from_text(longest));
  EXPECT_EQ(Name::from_text(longest)->size(), 255U);
  EXPECT_TRUE(Name::from_text(longest + "."));
  EXPECT_FALSE(Name::from_text(longest + "b"));
  EXPECT_FALSE(Name::from_text(longest + "b."));
  EXPECT_FALSE(Name::from_text(longest + ".b"));
  EXPECT_FALSE(Name::from_text(three + std::string(60, 'b') + ".b"));
}

TEST(NameText, EscapesWhatIsNotPlain) {
  EXPECT_EQ(text(Name()), ".");
  EXPECT_EQ(text(name("a-b_c.1*~")), "a-b_c.1*~.");
  EXPECT_EQ(text(name("\\000\\010\\027\\032\\127\\255")), "\\000\\010\\027\\032\\127\\255.");
  EXPECT_EQ(text(name("\\.\\\\\\\"\\(\\)\\;\\@\\$\\'")),
            "\\046\\092\\034\\040\\041\\059\\064\\036\\039.");
}

TEST(NameText, EveryOctetSurvivesTheWayThereAndBack) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const Bytes wire{1, static_cast<std::uint8_t>(octet), 0};
    const auto back = Name::from_text(text(Name::trusted(wire)));
    ASSERT_TRUE(back) << octet;
    EXPECT_EQ(to_hex(back->wire()), to_hex(wire));
  }
}

TEST(NameText, FitsIn1024AndIsCutAtAnUnitWhereItDoesNot) {
  Bytes wire;
  for (const std::size_t label : {63U, 63U, 63U, 61U}) {
    wire.push_back(static_cast<std::uint8_t>(label));
    wire.insert(wire.end(), label, 0xff);
  }
  wire.push_back(0);
  const Name longest = Name::trusted(wire);
  EXPECT_EQ(text(longest).size(), 4U * 250U + 4U);
  std::array<char, 6> small{};
  EXPECT_EQ(longest.to_text(small), "\\255");
  EXPECT_EQ(longest.to_text({}), "");
  EXPECT_EQ(name("ab\\255c").to_text(small), "ab\\255");
}

}  // namespace
}  // namespace dotkeep::dns
