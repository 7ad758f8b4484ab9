// Never more than burst + rate * t in any window, and no less where the bucket has it.
#include "admission/gcra.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace dotkeep::admission {
namespace {

constexpr Time kStart{std::chrono::hours(1000)};

TEST(Gcra, LetsABurstThroughAtOnceAndNotOneMore) {
  for (const std::uint64_t burst : {1U, 2U, 7U, 400U}) {
    const Gcra gcra = Gcra::of(200, burst);
    const std::uint64_t now = ticks(kStart);
    std::uint64_t tat = now;
    for (std::uint64_t i = 0; i < burst; ++i) {
      ASSERT_TRUE(gcra.conforms(tat, now)) << i;
      tat = gcra.after(tat, now);
    }
    EXPECT_FALSE(gcra.conforms(tat, now));
    EXPECT_FALSE(gcra.conforms(tat, now + gcra.interval - 1));
    EXPECT_TRUE(gcra.conforms(tat, now + gcra.interval));  // one is forgiven, exactly then
  }
}

// Random arrivals; every window between two packets that were let through is looked at.
TEST(Gcra, HoldsInEveryWindow) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 60; ++round) {
    const std::uint64_t rate = 1 + random() % (round % 2 == 0 ? 1000 : 1'000'000);
    const std::uint64_t burst = 1 + random() % 50;
    const Gcra gcra = Gcra::of(rate, burst);
    std::uint64_t now = random() & kTatMask;
    std::uint64_t elapsed = 0;
    std::uint64_t tat = now;
    std::vector<std::uint64_t> passed;
    while (passed.size() < 400) {
      const std::uint64_t wait = random() % (3 * gcra.interval) * (random() % 4 == 0 ? 4 : 0);
      elapsed += wait;
      now = (now + wait) & kTatMask;
      if (!gcra.conforms(tat, now)) {
        elapsed += 1;
        now = (now + 1 + gcra.interval / 7) & kTatMask;
        elapsed += gcra.interval / 7;
        continue;
      }
      tat = gcra.after(tat, now);
      passed.push_back(elapsed);
    }
    for (std::size_t i = 0; i < passed.size(); ++i) {
      for (std::size_t j = i; j < passed.size(); ++j) {
        const std::uint64_t window = passed[j] - passed[i];
        ASSERT_LE(j - i + 1, burst + window / gcra.interval)
            << "rate " << rate << " burst " << burst;
      }
    }
  }
}

TEST(Gcra, SustainsItsRate) {
  const Gcra gcra = Gcra::of(200, 1);
  std::uint64_t now = ticks(kStart);
  std::uint64_t tat = now;
  const std::uint64_t step = ticks(kStart + std::chrono::milliseconds(5)) - now;
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(gcra.conforms(tat, now)) << i;
    tat = gcra.after(tat, now);
    now += step;
  }
}

TEST(Gcra, TimeMayWrap) {
  const Gcra gcra = Gcra::of(200, 3);
  std::uint64_t now = kTatMask - 1;
  std::uint64_t tat = now;
  for (int i = 0; i < 3; ++i) tat = gcra.after(tat, now);
  EXPECT_FALSE(gcra.conforms(tat, now));
  now = (now + gcra.interval) & kTatMask;
  EXPECT_TRUE(gcra.conforms(tat, now));
}

TEST(Gcra, ATimeThatIsLongPastIsNotAhead) {
  const std::uint64_t now = ticks(kStart);
  EXPECT_EQ(ahead_of(now - 1, now), 0U);
  EXPECT_EQ(ahead_of((now - kTatMask / 2) & kTatMask, now), 0U);
  EXPECT_EQ(ahead_of(now + 5, now), 5U);
}

TEST(Gcra, TheSlowestRateWithTheLargestBurstIsCounted) {
  const Gcra gcra = Gcra::of(1, 1'000'000);
  const std::uint64_t now = ticks(kStart);
  std::uint64_t tat = now;
  for (int i = 0; i < 1'000'000; ++i) {
    ASSERT_TRUE(gcra.conforms(tat, now));
    tat = gcra.after(tat, now);
  }
  EXPECT_FALSE(gcra.conforms(tat, now));
}

}  // namespace
}  // namespace dotkeep::admission
