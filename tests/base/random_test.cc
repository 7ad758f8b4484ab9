#include "base/random.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/base/hex.h"

namespace dotkeep {
namespace {

TEST(Random, FillsEveryOctet) {
  // Each octet misses a given value 40 times over with a chance of 2^-320 at most.
  Bytes seen(37);
  for (int i = 0; i < 40; ++i) {
    Bytes bytes(37);
    fill_random(bytes);
    for (std::size_t at = 0; at < bytes.size(); ++at) seen[at] |= bytes[at];
  }
  for (const std::uint8_t octet : seen) EXPECT_NE(octet, 0);
  fill_random({});
}

TEST(Random, NeverRepeatsAcrossRefills) {
  Random random;
  std::set<std::uint64_t> values;
  // Three pools' worth; a repeat among them has a chance of 2^-44.
  for (int i = 0; i < 3 * 512; ++i) values.insert(random.u64());
  EXPECT_EQ(values.size(), 3U * 512U);
}

TEST(Random, GivesNoZerosOfAWipedPool) {
  Random random;
  for (int i = 0; i < 2 * 512; ++i) EXPECT_NE(random.u64(), 0U) << i;
}

TEST(Random, NarrowDrawsUseAllTheirBits) {
  Random random;
  std::uint32_t ors32 = 0;
  std::uint16_t ors16 = 0;
  for (int i = 0; i < 100; ++i) {
    ors32 |= random.u32();
    ors16 |= random.u16();
  }
  EXPECT_EQ(ors32, 0xffffffffU);
  EXPECT_EQ(ors16, 0xffffU);
}

TEST(Random, BelowStaysBelowAndReachesEveryValue) {
  Random random;
  EXPECT_EQ(random.below(0), 0U);
  EXPECT_EQ(random.below(1), 0U);
  std::set<std::uint64_t> values;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t value = random.below(5);
    ASSERT_LT(value, 5U);
    values.insert(value);
  }
  EXPECT_EQ(values.size(), 5U);
  // Nearly half of all draws are rejected for this bound; each that is kept is below it.
  const std::uint64_t bound = (std::uint64_t{1} << 63) + 1;
  for (int i = 0; i < 100; ++i) EXPECT_LT(random.below(bound), bound);
}

TEST(Random, BelowPrefersNoValue) {
  Random random;
  // A plain remainder would give the lowest third half of all draws. Of 9,000 fair ones 3,000 fall
  // there, and 3,700 with a chance under 10^-50.
  const std::uint64_t third = std::uint64_t{1} << 62;
  int low = 0;
  for (int i = 0; i < 9000; ++i) low += random.below(3 * third) < third ? 1 : 0;
  EXPECT_GT(low, 2300);
  EXPECT_LT(low, 3700);
}

}  // namespace
}  // namespace dotkeep
