#include "dns/name.h"

#include <gtest/gtest.h>

#include "tests/dns/client_message.h"

namespace dotkeep::dns {
namespace {

// A name of `size` octets in all: labels of at most 63, then the root.
Bytes name_of(std::size_t size) {
  Bytes wire;
  std::size_t left = size - 1;
  while (left > 0) {
    std::size_t label = std::min<std::size_t>(left - 1, 63);
    if (left - 1 - label == 1) --label;  // never leave one octet over: a label takes two
    wire.push_back(static_cast<std::uint8_t>(label));
    wire.insert(wire.end(), label, 'x');
    left -= 1 + label;
  }
  wire.push_back(0);
  return wire;
}

TEST(Name, IsTheRootUnlessTold) {
  const Name root;
  EXPECT_TRUE(root.is_root());
  EXPECT_EQ(root.size(), 1U);
  EXPECT_EQ(to_hex(root.wire()), "00");
  EXPECT_EQ(root.labels(), 0);
  EXPECT_TRUE(root.parent().is_root());
}

TEST(Name, ParsesAndLeavesTheCursorBehindIt) {
  const Bytes bytes = from_hex("03777777 0131 00 ff");
  Reader reader(bytes);
  const auto parsed = Name::parse(reader);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(text(*parsed), "www.1.");
  EXPECT_EQ(parsed->labels(), 2);
  EXPECT_EQ(reader.offset(), 7U);
}

TEST(Name, RefusesWhatIsNotAnUncompressedNameAndStays) {
  for (const std::string_view hex : {
           "",                // nothing
           "03",              // cut inside a label
           "03 7777",         //
           "03 777777",       // cut before the root
           "40 00",           // reserved label types
           "80 00",           //
           "c0 0c",           // a pointer
           "01 61 c0 0c 00",  // a pointer after a label
       }) {
    const Bytes bytes = from_hex(hex);
    Reader reader(bytes);
    EXPECT_FALSE(Name::parse(reader)) << hex;
    EXPECT_EQ(reader.offset(), 0U) << hex;
  }
}

TEST(Name, HoldsLabelsOf63AndNoMore) {
  for (const std::size_t size : {1U, 62U, 63U, 64U, 65U}) {
    Bytes wire{static_cast<std::uint8_t>(size)};
    wire.insert(wire.end(), size, 'a');
    wire.push_back(0);
    Reader reader(wire);
    EXPECT_EQ(Name::parse(reader).has_value(), size <= 63) << size;
  }
}

TEST(Name, Holds255OctetsAndNoMore) {
  for (const std::size_t size :
       {3U, 64U, 65U, 66U, 67U, 128U, 129U, 254U, 255U, 256U, 257U, 300U}) {
    const Bytes wire = name_of(size);
    ASSERT_EQ(wire.size(), size);
    Reader reader(wire);
    const auto parsed = Name::parse(reader);
    EXPECT_EQ(parsed.has_value(), size <= 255) << size;
    EXPECT_EQ(to_hex(parsed.value_or(Name()).wire()), size <= 255 ? to_hex(wire) : "00") << size;
  }
}

TEST(Name, HoldsAsManyLabelsAsFit) {
  Bytes wire;
  for (int i = 0; i < 127; ++i) append(wire, from_hex("0161"));
  wire.push_back(0);
  Reader reader(wire);
  const auto parsed = Name::parse(reader);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->labels(), 127);
}

TEST(Name, TrustedTakesOctetsAsTheyAre) {
  EXPECT_EQ(text(Name::trusted(from_hex("016100"))), "a.");
  // Not for such, but it must not write outside itself.
  EXPECT_TRUE(Name::trusted({}).is_root());
  EXPECT_TRUE(Name::trusted(Bytes(256, 1)).is_root());
}

TEST(Name, LowerChangesAsciiLettersOnly) {
  Bytes wire{63};
  for (int c = 0x30; c < 0x30 + 63; ++c) wire.push_back(static_cast<std::uint8_t>(c));
  wire.push_back(0);
  const Name lower = Name::trusted(wire).lower();
  ASSERT_EQ(lower.size(), wire.size());
  for (std::size_t i = 0; i < wire.size(); ++i) {
    const std::uint8_t c = wire[i];
    EXPECT_EQ(lower.wire()[i], c >= 'A' && c <= 'Z' ? c + 32 : c) << i;
  }
  EXPECT_EQ(text(name("WWW.ExAmple\\193\\219").lower()), "www.example\\193\\219.");
}

TEST(Name, SameAsIsBlindToCaseAlone) {
  const Name lower = name("www.example-domain.test");
  EXPECT_TRUE(lower.same_as(name("wWw.EXAMPLE-dOMAIN.TEST")));
  EXPECT_TRUE(Name().same_as(Name()));
  for (const std::string_view other :
       {"www.example-domain.tesu", "vww.example-domain.test", "www.example-domain.test.a",
        "www-example-domain.test", "www.example\\013domain.test", "."}) {
    EXPECT_FALSE(lower.same_as(name(other))) << other;
  }
  // Not letters, though they differ in the bit that case is.
  EXPECT_FALSE(name("@").same_as(name("`")));
  EXPECT_FALSE(name("[").same_as(name("{")));
}

TEST(Name, IsWithinCountsWholeLabels) {
  const Name www = name("www.Example.org");
  for (const std::string_view ancestor : {".", "org", "eXample.ORG", "www.example.org"}) {
    EXPECT_TRUE(www.is_within(name(ancestor))) << ancestor;
  }
  for (const std::string_view other :
       {"ample.org", "a.www.example.org", "example.com", "w.example.org", "net"}) {
    EXPECT_FALSE(www.is_within(name(other))) << other;
  }
  // The octets of the ancestor are a suffix, but in the middle of a label that contains its length.
  EXPECT_FALSE(name("a\\003org").is_within(name("org")));
}

TEST(Name, ParentDropsOneLabel) {
  EXPECT_EQ(text(name("www.example.org").parent()), "example.org.");
  EXPECT_TRUE(name("org").parent().is_root());
}

}  // namespace
}  // namespace dotkeep::dns
