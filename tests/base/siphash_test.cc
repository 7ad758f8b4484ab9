#include "base/siphash.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "tests/base/hex.h"

namespace dotkeep {
namespace {

// The key of the paper's appendix A: octets 00 to 0f.
constexpr SipKey kPaperKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

// What the paper's test does: hash 00 01 02 ... of every length.
Bytes counting(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

TEST(SipHash, GivesTheValueOfThePaper) {
  EXPECT_EQ(siphash(kPaperKey, counting(15)), 0xa129ca6149be45e5U);
}

TEST(SipHash, GivesTheReferenceVectorsOfEachTailLength) {
  constexpr std::array<std::uint64_t, 17> expected{
      0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
      0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
      0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
      0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
      0x3f2acc7f57c29bdb};
  for (std::size_t size = 0; size < expected.size(); ++size) {
    EXPECT_EQ(siphash(kPaperKey, counting(size)), expected[size]) << size;
  }
}

TEST(SipHash, DependsOnBothHalvesOfTheKey) {
  const Bytes data = counting(20);
  std::set<std::uint64_t> hashes;
  for (const SipKey& key : {SipKey{0, 0}, SipKey{1, 0}, SipKey{0, 1}, SipKey{1, 1}}) {
    hashes.insert(siphash(key, data));
  }
  EXPECT_EQ(hashes.size(), 4U);
}

TEST(SipHash, TellsTrailingZerosFromNone) {
  EXPECT_NE(siphash(kPaperKey, Bytes(7)), siphash(kPaperKey, Bytes(8)));
  EXPECT_NE(siphash(kPaperKey, Bytes(1)), siphash(kPaperKey, Bytes(2)));
}

}  // namespace
}  // namespace dotkeep
