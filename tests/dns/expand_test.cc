// Names in messages: what a pointer may do, and what it may not.
#include "dns/expand.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/dns/reply_message.h"

namespace dotkeep::dns::testing {
namespace {

// The name at the end of twelve zeros and `octets`, beginning `back` octets before the end of them;
// as text, or the fault.
std::string expand(const Bytes& octets, std::size_t at, Pointers pointers = Pointers::follow,
                   std::size_t beyond = 0) {
  const Bytes message = Bytes(kHeaderSize, 0) + octets;
  ExpandedName expanded;
  const auto done =
      expand_name(message, kHeaderSize + at, message.size() - beyond, pointers, expanded);
  if (!done) return to_string(done.error());
  std::array<char, 1024> out;
  return std::string(Name::trusted(expanded.wire()).to_text(out)) + " " +
         std::to_string(expanded.after - kHeaderSize);
}

TEST(ExpandTest, WithoutPointers) {
  EXPECT_EQ(expand(hex("00"), 0), ". 1");
  EXPECT_EQ(expand(hex("0161 0162 00 ff"), 0), "a.b. 5");
  EXPECT_EQ(expand(hex("0161 00"), 0, Pointers::refuse), "a. 3");
}

TEST(ExpandTest, PointersLeadBack) {
  EXPECT_EQ(expand(hex("0161 00 c00c"), 3), "a. 5");
  EXPECT_EQ(expand(hex("0161 00 0162 c00c ff"), 3), "b.a. 7");
  EXPECT_EQ(expand(hex("0161 00 0162 c00c 0163 c00f"), 7), "c.b.a. 11");
  EXPECT_EQ(expand(hex("0161 00 c00c"), 3, Pointers::refuse), "bad_name");
}

TEST(ExpandTest, PointersDoNotLeadForwardsNorRound) {
  EXPECT_EQ(expand(hex("c00c"), 0), "bad_name") << "to itself";
  EXPECT_EQ(expand(hex("c00e 0161 00"), 0), "bad_name") << "forwards";
  EXPECT_EQ(expand(hex("0161 c00c"), 0), "bad_name") << "to its own labels";
  EXPECT_EQ(expand(hex("0161 c00e 00"), 0), "bad_name") << "to itself behind a label";
  EXPECT_EQ(expand(hex("c00e c00c"), 2), "bad_name") << "round";
}

TEST(ExpandTest, PointersDoNotLeadIntoTheHeader) {
  EXPECT_EQ(expand(hex("c00b"), 0), "bad_name");
  EXPECT_EQ(expand(hex("c000"), 0), "bad_name");
}

TEST(ExpandTest, ReservedLabelTypes) {
  for (unsigned type = 0x40; type < 0xc0; ++type) {
    EXPECT_EQ(expand(Bytes{static_cast<std::uint8_t>(type)} + Bytes(255, 0), 0), "bad_name")
        << type;
  }
}

TEST(ExpandTest, CutShort) {
  EXPECT_EQ(expand({}, 0), "cut_short");
  EXPECT_EQ(expand(hex("0161"), 0), "cut_short");
  EXPECT_EQ(expand(hex("0261"), 0), "cut_short");
  EXPECT_EQ(expand(hex("0161 c0"), 0), "cut_short");
  EXPECT_EQ(expand(hex("0161 00"), 0, Pointers::follow, 1), "cut_short")
      << "the record ends before";
  EXPECT_EQ(expand(hex("00 c00c"), 1, Pointers::follow, 1), "cut_short");
}

TEST(ExpandTest, WhatAPointerLeadsToEndsBeforeTheNameThatPoints) {
  // The label at 0 covers the pointer, and after it comes a root.
  EXPECT_EQ(expand(hex("0461 c00c 0000 00"), 2), "bad_name");
  // It ends where the pointer begins, and the pointer would be its root.
  EXPECT_EQ(expand(hex("0161 c00c"), 2), "bad_name");
  // The same from a second jump: the name at 5 is whole before 8, but what it points to is not.
  EXPECT_EQ(expand(hex("0661 0000 00 0162 c00c 00"), 5), "bad_name");
  EXPECT_EQ(expand(hex("0361 0000 00 0162 c00c 00"), 5), "b.a\\000\\000. 9");
  EXPECT_EQ(expand(hex("0161 c0 c00c"), 3), "bad_name") << "half a pointer in front of the name";
  // It is longer than the message.
  EXPECT_EQ(expand(hex("0561 c00c"), 2), "bad_name");
  EXPECT_EQ(expand(hex("0361 c00c"), 2), "bad_name") << "no root after it";
}

TEST(ExpandTest, LongestName) {
  const Bytes label = Bytes{63} + Bytes(63, 'a');
  EXPECT_EQ(expand(label + label + label + Bytes{61} + Bytes(61, 'b') + Bytes{0}, 0).size(),
            254u + 4);
  EXPECT_EQ(expand(label + label + label + Bytes{62} + Bytes(62, 'b') + Bytes{0}, 0), "bad_name");
  EXPECT_EQ(expand(label + label + label + label + Bytes{0}, 0), "bad_name");
}

TEST(ExpandTest, LongestNameThroughAPointer) {
  const Bytes label = Bytes{63} + Bytes(63, 'a');
  const Bytes tail = label + label + label + Bytes{0};
  EXPECT_EQ(expand(tail + Bytes{61} + Bytes(61, 'b') + hex("c00c"), tail.size()).size(), 254u + 4);
  EXPECT_EQ(expand(tail + Bytes{62} + Bytes(62, 'b') + hex("c00c"), tail.size()), "bad_name");
}

TEST(ExpandTest, BarePointersAreBounded) {
  Bytes octets = hex("00");
  for (unsigned i = 0; i <= kMaxBarePointers + 1U; ++i) {
    octets = octets + pointer(static_cast<unsigned>(kHeaderSize) + (i == 0 ? 0 : 2 * i - 1));
  }
  const auto nth = [&](std::size_t i) { return expand(octets, 2 * i + 1); };
  EXPECT_EQ(nth(0), ". 3");
  EXPECT_EQ(nth(kMaxBarePointers), ". " + std::to_string(2 * kMaxBarePointers + 3));
  EXPECT_EQ(nth(kMaxBarePointers + 1), "bad_name");
}

TEST(ExpandTest, EveryLabelAPointerAway) {
  Bytes octets = hex("00");
  unsigned last = kHeaderSize;
  for (int i = 0; i < 127; ++i) {
    const auto at = static_cast<unsigned>(kHeaderSize + octets.size());
    octets = octets + hex("0161") + pointer(last);
    last = at;
  }
  EXPECT_EQ(expand(octets, last - kHeaderSize).size(), 254u + 4);
  octets = octets + hex("0161") + pointer(last);
  EXPECT_EQ(expand(octets, octets.size() - 4), "bad_name") << "256 octets";
}

}  // namespace
}  // namespace dotkeep::dns::testing
