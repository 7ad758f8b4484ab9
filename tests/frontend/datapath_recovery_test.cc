// Upstreams that could not be reached and are back: how soon what is kept is true again, and how
// often they are asked until then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/cache_world.h"

namespace dotkeep::frontend {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::SizeIs;

// Holds one name past its time, whose last attempt failed a moment ago, between two whole seconds.
struct Recovery : ::testing::Test {
  explicit Recovery(const config::Config& config = config_with(1)) : world(config) {
    world.ask(query("www.example"));
    world.say_a(10);
    world.now += seconds(11) + milliseconds(900);
    fail(UpstreamFault::refused);
    failed = world.now;
  }
  void fail(UpstreamFault fault, std::uint8_t upstream = 0) {
    world.ask(query("www.example"));
    world.fail(fault, upstream);
    EXPECT_EQ(world.last().error, "3");
  }
  // Another name is answered, by upstream number `by`.
  void hear(std::string_view name = "other.example", std::uint8_t by = 0) {
    world.ask(query(name));
    auto message = world.reply();
    world.answer(by, message.a(name));
  }
  void pass(Duration time) {
    world.now += time;
    static_cast<void>(world.path.expire(world.now));
  }
  [[nodiscard]] std::size_t asks() const { return world.outlet.asks.size(); }
  [[nodiscard]] std::size_t responses() const { return world.outlet.responses.size(); }

  CacheWorld world;
  Time failed;
};

// RFC 9520 section 3.2: a second at least. It began at ...11.9 s.
TEST_F(Recovery, NobodyIsAskedForASecond) {
  for (int i = 0; i < 10; ++i) {
    pass(milliseconds(100) - Duration(1));
    world.ask(query("www.example"));
    EXPECT_EQ(world.last().error, "3");
    EXPECT_EQ(asks(), 2U);
  }
  pass(milliseconds(126));
  EXPECT_EQ(asks(), 3U);
}

TEST_F(Recovery, WhatIsAskedForInThatSecondIsAskedAtItsEndAndOnce) {
  for (int i = 0; i < 3; ++i) world.ask(query("www.example"));
  EXPECT_EQ(responses(), 5U);
  const auto at = world.path.expire(world.now);
  ASSERT_TRUE(at);
  EXPECT_GE(*at - failed, seconds(1));
  EXPECT_LT(*at - failed, milliseconds(1125));
  EXPECT_EQ(asks(), 2U);
  world.now = *at;
  static_cast<void>(world.path.expire(world.now));
  ASSERT_EQ(asks(), 3U);
  world.say_a(10);
  EXPECT_EQ(responses(), 5U);
  world.ask(query("www.example"));
  EXPECT_EQ(world.last().error, "");
}

TEST_F(Recovery, NobodyAsksForWhatNoClientAsksFor) {
  pass(seconds(10));
  EXPECT_EQ(asks(), 2U);
}

TEST_F(Recovery, WithAnUpstreamThatIsBackAClientWaitsForWhatIsTrue) {
  pass(seconds(2));
  hear();
  const std::size_t before = responses();
  world.ask(query("www.example"));
  EXPECT_EQ(responses(), before);
  world.say_a(10);
  ASSERT_EQ(responses(), before + 1);
  EXPECT_EQ(world.last().error, "");
  EXPECT_THAT(world.last_ttls(), ::testing::ElementsAre(10));
}

TEST_F(Recovery, AlsoWithinTheSecond) {
  pass(milliseconds(300));
  hear();
  const std::size_t before = responses();
  world.ask(query("www.example"));
  world.ask(query("www.example"), udp_client(2));
  EXPECT_EQ(responses(), before);
  EXPECT_EQ(asks(), 3U);
  pass(milliseconds(699));
  EXPECT_EQ(asks(), 3U);
  pass(milliseconds(126));
  ASSERT_EQ(asks(), 4U);
  world.say_a(10);
  ASSERT_EQ(responses(), before + 2);
  EXPECT_EQ(world.last().error, "");
}

TEST_F(Recovery, WhoFailsAgainIsNotWaitedForAgain) {
  pass(seconds(2));
  hear();
  world.ask(query("www.example"));
  world.fail(UpstreamFault::closed);
  EXPECT_EQ(world.last().error, "3");
  const std::size_t before = responses();
  world.ask(query("www.example"));
  EXPECT_EQ(responses(), before + 1);
}

// One slow name of an upstream that is back: one client waits its 1.8 s, the next not at all.
TEST_F(Recovery, WhoIsSlowIsWaitedForOnce) {
  pass(seconds(2));
  hear();
  world.ask(query("www.example"));
  const std::size_t before = responses();
  pass(milliseconds(1800));
  ASSERT_EQ(responses(), before + 1);
  EXPECT_EQ(world.last().error, "3");
  world.ask(query("www.example"));
  EXPECT_EQ(responses(), before + 2);
}

// The answer that came in the same moment as the failure, or before it, says nothing.
TEST_F(Recovery, OnlyWhatIsHeardAfterwardsCounts) {
  pass(seconds(2));
  hear();
  fail(UpstreamFault::refused);
  const std::size_t before = responses();
  world.ask(query("www.example"));
  EXPECT_EQ(responses(), before + 1);
}

struct RecoveryOfTwo : Recovery {
  static config::Config routed() {
    config::Config config = config_with(2);
    config.routes = {{"corp.example", {1}}};
    return config;
  }
  RecoveryOfTwo() : Recovery(routed()) {}
};

TEST_F(RecoveryOfTwo, OnlyWhoMayAnswerTheNameCounts) {
  pass(seconds(2));
  hear("a.corp.example", 1);
  const std::size_t before = responses();
  world.ask(query("www.example"));
  EXPECT_EQ(responses(), before + 1);
  EXPECT_EQ(world.last().error, "3");
}

struct RecoveryInAHurry : Recovery {
  static config::Config hurried() {
    config::Config config = config_with(1);
    config.query.timeout = seconds(1);
    return config;
  }
  RecoveryInAHurry() : Recovery(hurried()) {}
};

// Nothing waits so long that its own time would be over before it is asked.
TEST_F(RecoveryInAHurry, NothingIsHeldForMoreThanHalfItsTime) {
  hear();
  const std::size_t before = responses();
  world.ask(query("www.example"));
  EXPECT_EQ(responses(), before + 1);
  EXPECT_EQ(world.path.pending(), 0U);
  pass(milliseconds(1126));
  EXPECT_EQ(asks(), 3U);
  world.ask(query("www.example"));
  EXPECT_EQ(asks(), 4U);
}

// Silence towards everything is no fault of the question's: it is tried each second, and the
// upstream not passed over. Silence towards this question alone is.
TEST(Silence, OfAnUpstreamThatAnswersNothingIsRememberedForASecond) {
  CacheWorld world(config_with(2));
  for (std::size_t i = 1; i <= 4; ++i) {
    world.ask(query("www.example"));
    ASSERT_THAT(world.outlet.asks, SizeIs(i));
    EXPECT_EQ(world.outlet.asks.back().ask.upstreams, 0b11U);
    world.now += seconds(4);
    world.fail(UpstreamFault::time_out, 0);
    world.ask(query("www.example"));
    EXPECT_THAT(world.outlet.asks, SizeIs(i));
    world.now += seconds(1);
  }
}

TEST(Silence, OfAnUpstreamThatAnswersOthersIsRememberedEverLonger) {
  CacheWorld world(config_with(1));
  for (const int pause : {1, 2, 4, 8}) {
    world.ask(query("www.example"));
    const auto ticket = world.outlet.asks.back().ask.ticket;
    world.now += seconds(1);
    world.ask(query());
    world.say_a();
    world.path.on_failure({ticket, 0, UpstreamFault::time_out}, world.now);
    EXPECT_EQ(world.last().rcode, kServfail);
    const std::size_t asks = world.outlet.asks.size();
    world.now += seconds(pause) - milliseconds(1);
    world.ask(query("www.example"));
    EXPECT_THAT(world.outlet.asks, SizeIs(asks)) << pause;
    world.now += milliseconds(1);
  }
}

TEST(Failure, IsRememberedForAWholeSecondWheneverItBegins) {
  CacheWorld world(config_with(1));
  world.now += milliseconds(990);
  world.ask(query("www.example"));
  world.fail(UpstreamFault::refused);
  world.now += milliseconds(999);
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
  world.now += milliseconds(126);
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
}

TEST_F(Recovery, ANewRoomIsNotAskedBeforeItsTimeWhatIsHeld) {
  world.ask(query("www.example"));
  world.path.on_new_upstream_room(world.now);
  pass(seconds(1) - Duration(1));
  EXPECT_EQ(asks(), 2U);
  pass(milliseconds(126));
  EXPECT_EQ(asks(), 3U);
}

}  // namespace
}  // namespace dotkeep::frontend
