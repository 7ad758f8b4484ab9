// Answers past their time, answers refreshed ahead of it, and what a reload makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/cache_world.h"

namespace dotkeep::frontend {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::SizeIs;

TEST(Stale, AfterAFailureAtOnceAndThenWithoutAsking) {
  CacheWorld world(config_with(1));
  world.ask(query("www.example"));
  world.say_a(10);
  world.now += seconds(11);
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
  world.fail(UpstreamFault::refused);
  EXPECT_EQ(world.last().rcode, 0);
  EXPECT_EQ(world.last().error, "3");
  EXPECT_THAT(world.last_ttls(), ::testing::ElementsAre(30));
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
  EXPECT_EQ(world.last().error, "3");
  // After a second it is tried again, behind the answer; and then it is fresh.
  world.now += seconds(1);
  world.ask(query("www.example"));
  EXPECT_EQ(world.last().error, "3");
  ASSERT_THAT(world.outlet.asks, SizeIs(3));
  world.say_a(10);
  const std::size_t before = world.outlet.responses.size();
  world.ask(query("www.example"));
  ASSERT_THAT(world.outlet.responses, SizeIs(before + 1));
  EXPECT_EQ(world.last().error, "");
  EXPECT_EQ(world.path.counters().cache_stale, 3U);
  EXPECT_EQ(world.path.counters().cache_refreshed, 1U);
}

TEST(Stale, AfterAWhileToWhoWaits) {
  CacheWorld world(config_with(1));
  world.ask(query("www.example"));
  world.say_a(10);
  world.now += seconds(11);
  world.ask(query("www.example"));
  world.ask(query("www.example"), udp_client(2));
  EXPECT_EQ(world.path.expire(world.now + milliseconds(1799)), world.now + milliseconds(1800));
  EXPECT_THAT(world.outlet.responses, SizeIs(1));
  world.now += milliseconds(1800);
  static_cast<void>(world.path.expire(world.now));
  ASSERT_THAT(world.outlet.responses, SizeIs(3));
  EXPECT_EQ(world.last().error, "3");
  // The next one need not wait, and nobody is asked twice.
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.responses, SizeIs(4));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
  world.say_a(10);
  world.ask(query("www.example"));
  EXPECT_EQ(world.last().error, "");
}

TEST(Stale, OnlySoLongPastItsTime) {
  config::Config config = config_with(1);
  config.cache.stale = seconds(60);
  CacheWorld world(config);
  world.ask(query("www.example"));
  world.say_a(10);
  world.now += seconds(70);
  world.ask(query("www.example"));
  world.fail(UpstreamFault::refused);
  EXPECT_EQ(world.last().rcode, kServfail);
}

TEST(Stale, NotForANameThatIsGone) {
  CacheWorld world(config_with(1));
  world.ask(query("www.example"));
  world.say_a(10);
  world.ask(query("www.example", dns::Type::AAAA));
  world.now += seconds(11);
  world.say_nxdomain();
  world.ask(query("www.example"));
  EXPECT_EQ(world.last().rcode, kNxdomain);
  EXPECT_EQ(world.last().error, "");
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
}

TEST(Prefetch, APopularAnswerIsRefreshedOnceInItsLastTenth) {
  CacheWorld world(config_with(1));
  world.ask(query("www.example"));
  world.say_a(100);
  for (int i = 0; i < 5; ++i) world.ask(query("www.example"));
  world.now += seconds(89);
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
  world.now += seconds(1);
  for (int i = 0; i < 5; ++i) world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
  EXPECT_EQ(world.path.pending(), 0U);
  const std::size_t before = world.outlet.responses.size();
  world.say_a(100);
  EXPECT_THAT(world.outlet.responses, SizeIs(before));  // nobody waits for it
  world.ask(query("www.example"));
  EXPECT_THAT(world.last_ttls(), ::testing::ElementsAre(100));
}

TEST(Prefetch, ThatFailsExtendsNothing) {
  CacheWorld world(config_with(1));
  world.ask(query("www.example"));
  world.say_a(100);
  for (int i = 0; i < 5; ++i) world.ask(query("www.example"));
  world.now += seconds(95);
  world.ask(query("www.example"));
  ASSERT_THAT(world.outlet.asks, SizeIs(2));
  world.say(world.reply().rcode(2));
  world.ask(query("www.example"));
  EXPECT_THAT(world.last_ttls(), ::testing::ElementsAre(5));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
  world.now += seconds(5);
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(3));
}

TEST(Reload, OtherUpstreamsMakeWhatIsKeptUnknown) {
  config::Config config = config_with(2);
  CacheWorld world(config);
  world.ask(query("www.corp.example"));
  world.say_a();
  world.ask(query("later.corp.example"));
  config.routes = {{"corp.example", {1}}};
  world.path.reconfigure(config, world.now);
  world.say_a();  // from those who may not be asked for it any more: for who waits only
  EXPECT_EQ(world.last().rcode, 0);
  world.ask(query("www.corp.example"));
  world.ask(query("later.corp.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(4));
  world.path.reconfigure(config, world.now);
  world.say_a();
  world.ask(query("later.corp.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(4));
}

TEST(NoCache, AsksForEveryQueryButThoseInFlight) {
  config::Config config = config_with(1);
  config.cache.size = 0;
  CacheWorld world(config);
  world.ask(query("www.example"));
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
  world.say_a();
  EXPECT_THAT(world.outlet.responses, SizeIs(2));
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
}

}  // namespace
}  // namespace dotkeep::frontend
