#include "upstream/patience.h"

#include <gtest/gtest.h>

namespace dotkeep::upstream {
namespace {

TEST(Patience, EndsWithAFrontendThatTakesNothing) {
  const Time start{1000s};
  Patience patience;
  EXPECT_FALSE(patience.must_wait(false, start));
  EXPECT_TRUE(patience.must_wait(true, start));
  EXPECT_TRUE(patience.must_wait(true, start + kPatience - 1ms));
  EXPECT_FALSE(patience.must_wait(true, start + kPatience));
  EXPECT_FALSE(patience.must_wait(true, start + 1h));
}

TEST(Patience, BeginsAnewWithRoom) {
  const Time start{1000s};
  Patience patience;
  EXPECT_TRUE(patience.must_wait(true, start));
  EXPECT_FALSE(patience.must_wait(false, start + 400ms));
  EXPECT_TRUE(patience.must_wait(true, start + 800ms));
}

}  // namespace
}  // namespace dotkeep::upstream
