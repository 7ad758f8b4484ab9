#include "connector/token_bucket.h"

#include <gtest/gtest.h>

namespace dotkeep::connector {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time{} + 100h;

int take_all(TokenBucket& bucket, Time now) {
  int taken = 0;
  while (bucket.take(now)) ++taken;
  return taken;
}

TEST(TokenBucket, ABurstThenTheRate) {
  TokenBucket bucket;
  EXPECT_EQ(take_all(bucket, kStart), TokenBucket::kBurst);
  EXPECT_EQ(take_all(bucket, kStart + 1s), TokenBucket::kPerSecond);
  EXPECT_EQ(take_all(bucket, kStart + 1s), 0);
  EXPECT_EQ(take_all(bucket, kStart + 1s + Duration(1s) / TokenBucket::kPerSecond), 1);
}

TEST(TokenBucket, SavesNoMoreThanABurst) {
  TokenBucket bucket;
  take_all(bucket, kStart);
  EXPECT_EQ(take_all(bucket, kStart + 1000h), TokenBucket::kBurst);
}

}  // namespace
}  // namespace dotkeep::connector
