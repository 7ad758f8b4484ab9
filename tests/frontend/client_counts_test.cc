#include "frontend/client_counts.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace dotkeep::frontend {
namespace {

IpAddress v6(std::uint8_t last) {
  IpAddress ip{6, {0x20, 0x01, 0x0d, 0xb8}};
  ip.octets[15] = last;
  return ip;
}

TEST(ClientCounts, CountsUpToALimit) {
  ClientCounts counts(4, {});
  EXPECT_TRUE(counts.add(v6(1), 2));
  EXPECT_TRUE(counts.add(v6(1), 2));
  EXPECT_FALSE(counts.add(v6(1), 2));
  EXPECT_EQ(counts.count(v6(1)), 2U);
  EXPECT_EQ(counts.count(v6(2)), 0U);
  EXPECT_TRUE(counts.add(v6(2), 2));
  counts.remove(v6(1));
  EXPECT_TRUE(counts.add(v6(1), 2));
}

TEST(ClientCounts, ALimitOfNoneLetsNobodyIn) {
  ClientCounts counts(1, {});
  EXPECT_FALSE(counts.add(v6(1), 0));
  EXPECT_EQ(counts.count(v6(1)), 0U);
}

TEST(ClientCounts, FamiliesAreApart) {
  ClientCounts counts(4, {});
  const IpAddress four{4, {0x20, 0x01, 0x0d, 0xb8}};
  const IpAddress six{6, {0x20, 0x01, 0x0d, 0xb8}};
  EXPECT_TRUE(counts.add(four, 9));
  EXPECT_EQ(counts.count(six), 0U);
}

// How many answers leave in a tick.
std::uint32_t let_go(ClientCounts& counts, std::uint32_t tick) {
  std::uint32_t gone = 0;
  while (gone < 1000 && counts.may_answer(v6(1), tick, 64)) ++gone;
  return gone;
}

TEST(ClientCounts, ABurstIsHeldBackAndCatchesUpOnTicksThatWereLeftOut) {
  ClientCounts counts(4, {});
  ASSERT_TRUE(counts.add(v6(1), 1));
  EXPECT_EQ(let_go(counts, 1000), 64U);
  EXPECT_EQ(let_go(counts, 1000), 0U);
  EXPECT_EQ(let_go(counts, 1001), 64U);
  EXPECT_EQ(let_go(counts, 1003), 128U);
  EXPECT_EQ(let_go(counts, 1015), ClientCounts::kCaughtUp * 64);
  EXPECT_EQ(let_go(counts, 1016), 64U);
}

TEST(ClientCounts, WhoWasNotHeldBackHasNothingToCatchUpOn) {
  ClientCounts counts(4, {});
  ASSERT_TRUE(counts.add(v6(1), 1));
  EXPECT_TRUE(counts.may_answer(v6(1), 1000, 64));
  EXPECT_EQ(let_go(counts, 2000), 64U);
}

// Who has a /56 is one client, however many addresses it asks from.
TEST(ClientCounts, APrefixIsOneClient) {
  ClientCounts counts(4, {24, 56});
  IpAddress neighbour = v6(1);
  neighbour.octets[7] = 1;  // another /64 of the same /56
  IpAddress stranger = v6(1);
  stranger.octets[6] = 1;
  EXPECT_TRUE(counts.add(v6(1), 2));
  EXPECT_TRUE(counts.add(neighbour, 2));
  EXPECT_FALSE(counts.add(v6(2), 2));
  EXPECT_TRUE(counts.add(stranger, 2));
  EXPECT_EQ(counts.count(v6(9)), 2U);
  counts.remove(v6(1));
  EXPECT_EQ(counts.count(neighbour), 1U);
  EXPECT_TRUE(counts.add({4, {10, 0, 0, 1}}, 1));
  EXPECT_FALSE(counts.add({4, {10, 0, 0, 2}}, 1));
  EXPECT_TRUE(counts.add({4, {10, 0, 1, 1}}, 1));
}

TEST(ClientCounts, TakingBackWhatWasNotAddedDoesNothing) {
  ClientCounts counts(4, {});
  EXPECT_TRUE(counts.add(v6(1), 9));
  counts.remove(v6(2));
  EXPECT_EQ(counts.count(v6(1)), 1U);
  EXPECT_EQ(counts.count(v6(2)), 0U);
}

// Full to its capacity, where runs of neighbours are longest, against a map.
TEST(ClientCounts, LosesNobodyHoweverTheyComeAndGo) {
  constexpr std::uint8_t kClients = 31;  // so that the table of 64 is half full
  ClientCounts counts(kClients, {});
  std::map<std::uint8_t, std::uint32_t> expected;
  std::minstd_rand random(1);
  for (int step = 0; step < 20'000; ++step) {
    const auto who = static_cast<std::uint8_t>(random() % kClients);
    if (random() % 2 == 0) {
      EXPECT_EQ(counts.add(v6(who), 3), expected[who] < 3);
      if (expected[who] < 3) ++expected[who];
    } else if (expected[who] != 0) {
      counts.remove(v6(who));
      --expected[who];
    }
    const auto other = static_cast<std::uint8_t>(random() % kClients);
    ASSERT_EQ(counts.count(v6(other)), expected[other]) << "step " << step;
  }
}

}  // namespace
}  // namespace dotkeep::frontend
