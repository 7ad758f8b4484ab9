#include "supervisor/backoff.h"

#include <gtest/gtest.h>

namespace dotkeep::supervisor {
namespace {

using std::chrono::milliseconds;

constexpr Duration kQuick = milliseconds(20);

TEST(Backoff, AFewQuickDeathsCostNoWait) {
  Backoff backoff;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(backoff.after_death(kQuick), Duration::zero());
  EXPECT_EQ(backoff.after_death(kQuick), milliseconds(50));
}

TEST(Backoff, DoublesUpToABound) {
  Backoff backoff;
  for (int i = 0; i < 3; ++i) static_cast<void>(backoff.after_death(kQuick));
  for (const int expected : {50, 100, 200, 400, 800, 1600, 3200, 6400, 10'000, 10'000}) {
    EXPECT_EQ(backoff.after_death(kQuick), milliseconds(expected));
  }
  for (int i = 0; i < 1000; ++i) static_cast<void>(backoff.after_death(kQuick));
  EXPECT_EQ(backoff.after_death(kQuick), Backoff::kMost);
  EXPECT_GT(backoff.quick_deaths(), Backoff::kTold);
}

TEST(Backoff, ALongLifeStartsTheCountAnew) {
  Backoff backoff;
  for (int i = 0; i < 20; ++i) static_cast<void>(backoff.after_death(kQuick));
  EXPECT_EQ(backoff.after_death(Backoff::kLongLife - Duration(1)), Backoff::kMost);
  EXPECT_EQ(backoff.after_death(Backoff::kLongLife), Duration::zero());
  EXPECT_EQ(backoff.quick_deaths(), 1U);
  EXPECT_EQ(backoff.after_death(kQuick), Duration::zero());
  EXPECT_EQ(backoff.after_death(kQuick), Duration::zero());
  EXPECT_EQ(backoff.after_death(kQuick), milliseconds(50));
}

}  // namespace
}  // namespace dotkeep::supervisor
