// Which upstream is called slow.
#include <gtest/gtest.h>

#include <vector>

#include "tests/upstream/fake_world.h"

namespace dotkeep::upstream {
namespace {

// Said once each time, with space between the two so that nothing is said twice around either.
TEST(Pace, WhoUsuallyTakesLongIsSlow) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  const auto answer_after = [&](Duration time, int count) {
    for (int i = 0; i < count; ++i) {
      bench.ask(1);
      bench.turn();
      bench.pass(time);
      bench.reply(link, bench.sent(link).back().id);
    }
  };
  bench.pass(kPaceHold);
  answer_after(kTick, 8);
  answer_after(2s, 1);  // a slow name
  answer_after(kTick, 8);
  EXPECT_TRUE(bench.world.paces.empty());
  answer_after(1s, 16);
  EXPECT_EQ(bench.world.paces, std::vector<bool>{true});
  EXPECT_TRUE(bench.pool.server(0).slow);
  EXPECT_GT(bench.pool.server(0).since, bench.now - 16s);
  EXPECT_LT(bench.pool.server(0).since, bench.now - kPaceHold);
  answer_after(400ms, 16);
  EXPECT_EQ(bench.world.paces.size(), 1U);
  answer_after(kTick, 16);
  EXPECT_EQ(bench.world.paces, (std::vector<bool>{true, false}));
  EXPECT_TRUE(bench.world.downs.empty());
  answer_after(1s, 4);  // too soon
  EXPECT_EQ(bench.world.paces.size(), 2U);
}

TEST(Pace, WhoAnswersQuicklyAfterASilenceIsNotSlow) {
  Bench bench(1);
  for (int i = 0; i < 2; ++i) {
    bench.establish(0);
    bench.ask(1, 1, 20'000);
    bench.turn();
    bench.pass(kSilenceMost + 100ms);
  }
  EXPECT_EQ(bench.world.downs.size(), 1U);
  const std::size_t before = bench.world.paces.size();
  bench.pass(kFirstBackoff);
  const LinkNumber link = bench.establish(0);
  bench.turn();
  bench.reply_to_all(link);
  EXPECT_EQ(bench.world.ups.size(), 2U);
  EXPECT_EQ(bench.world.paces.size(), before);
}

}  // namespace
}  // namespace dotkeep::upstream
