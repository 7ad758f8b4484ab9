// What time, a new upstream room and a new configuration do to pending queries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/fake_outlet.h"

namespace dotkeep::frontend {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Expire, AnswersAtTheTimeOutAndNotBefore) {
  World world;
  ASSERT_TRUE(world.ask());
  const Time deadline = world.now + seconds(5);
  EXPECT_EQ(world.path.expire(deadline - Duration(1)), deadline);
  EXPECT_THAT(world.outlet.responses, IsEmpty());
  EXPECT_EQ(world.path.expire(deadline), std::nullopt);
  ASSERT_THAT(world.outlet.responses, SizeIs(1));
  EXPECT_EQ(world.last().rcode, kServfail);
  EXPECT_EQ(world.last().error, "23 time-out");
  EXPECT_EQ(world.path.pending(), 0U);
  EXPECT_EQ(world.path.counters().servfail, 1U);
}

TEST(Expire, TellsWhenTheNextOneIsDue) {
  World world;
  EXPECT_EQ(world.path.expire(world.now), std::nullopt);
  ASSERT_TRUE(world.ask(query(), udp_client(1)));
  world.now += seconds(1);
  ASSERT_TRUE(world.ask(query(), udp_client(2)));
  EXPECT_EQ(world.path.expire(world.now + seconds(4)), world.now + seconds(5));
  ASSERT_THAT(world.outlet.responses, SizeIs(1));
  EXPECT_EQ(world.outlet.responses[0].client.ip, v4(1));
}

TEST(Expire, NeverAnswersInABurst) {
  World world;
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(world.ask(query(), udp_client(static_cast<std::uint8_t>(i % 10))));
  }
  world.now += seconds(6);
  EXPECT_EQ(world.path.expire(world.now), world.now);
  EXPECT_THAT(world.outlet.responses, SizeIs(256));
  EXPECT_EQ(world.path.expire(world.now), std::nullopt);
  EXPECT_THAT(world.outlet.responses, SizeIs(300));
}

TEST(NewRoom, IsAskedWhatItsPredecessorCouldNotBe) {
  World world;
  world.outlet.wall = Outlet::Asked::absent;
  ASSERT_TRUE(world.ask(query("a.example"), udp_client(1)));
  ASSERT_TRUE(world.ask(query("b.example"), udp_client(2)));
  EXPECT_THAT(world.outlet.responses, IsEmpty());
  EXPECT_EQ(world.path.pending(), 2U);
  EXPECT_EQ(world.path.counters().asks, 0U);

  world.outlet.wall = Outlet::Asked::sent;
  world.now += seconds(1);
  world.path.on_new_upstream_room(world.now);
  ASSERT_THAT(world.outlet.asks, SizeIs(2));
  EXPECT_EQ(world.outlet.asks[0].ask.timeout_ms, 3900U);
  EXPECT_EQ(dns::text(dns::parse_query(world.outlet.asks[0].query)->question.name), "a.example.");
  world.answer_well();
  EXPECT_EQ(world.outlet.responses[0].client.ip, v4(2));
  EXPECT_EQ(world.last().question, "b.example.");
}

TEST(NewRoom, IsNotAskedWhereTheAnswerWasOfNoUse) {
  World world;
  ASSERT_TRUE(world.ask());
  world.answer(0, World::reply_to(world.outlet.asks[0]).rcode(2));
  world.path.on_new_upstream_room(world.now);
  ASSERT_THAT(world.outlet.asks, SizeIs(3));
  EXPECT_EQ(world.outlet.asks[2].ask.upstreams, 0b10U);
}

TEST(NewRoom, IsNotKilledByOneQueryForEver) {
  World world;
  ASSERT_TRUE(world.ask());
  for (int i = 0; i < 3; ++i) world.path.on_new_upstream_room(world.now += seconds(1));
  EXPECT_THAT(world.outlet.asks, SizeIs(3));
  for (int i = 0; i < 10; ++i) world.path.on_new_upstream_room(world.now);
  EXPECT_THAT(world.outlet.asks, SizeIs(3));
  EXPECT_EQ(world.path.expire(world.now + seconds(5)), std::nullopt);
  EXPECT_EQ(world.last().error, "23 time-out");
}

// Whoever ends rooms beside us must not use up what we may ask.
TEST(NewRoom, ThatDoesNotLastIsNotAskedForTheLastTime) {
  World world;
  ASSERT_TRUE(world.ask());
  for (int i = 0; i < 10; ++i) world.path.on_new_upstream_room(world.now += milliseconds(100));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
  EXPECT_EQ(world.path.expire(world.now + milliseconds(499)), world.now + milliseconds(500));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
  world.now += milliseconds(500);
  EXPECT_NE(world.path.expire(world.now), world.now);
  ASSERT_THAT(world.outlet.asks, SizeIs(3));
  EXPECT_EQ(world.path.expire(world.now + milliseconds(1)), world.now + milliseconds(3500));
  EXPECT_THAT(world.outlet.asks, SizeIs(3));
  world.answer_well();
  EXPECT_EQ(world.path.pending(), 0U);
}

TEST(NewRoom, IsAskedAtOnceForWhoHasNoTimeToWait) {
  config::Config config = config_with(1);
  config.query.timeout = seconds(1);
  World world(config);
  ASSERT_TRUE(world.ask());
  for (int i = 0; i < 3; ++i) world.path.on_new_upstream_room(world.now += milliseconds(10));
  EXPECT_THAT(world.outlet.asks, SizeIs(3));
}

TEST(NewRoom, IsGivenLittleTimeButSome) {
  World world;
  ASSERT_TRUE(world.ask());
  world.path.on_new_upstream_room(world.now + seconds(5));
  EXPECT_EQ(world.outlet.asks.back().ask.timeout_ms, 50U);
}

TEST(NewRoom, ThatIsFullLeavesTheRestToItsTimeOut) {
  World world;
  ASSERT_TRUE(world.ask());
  world.outlet.wall = Outlet::Asked::full;
  world.path.on_new_upstream_room(world.now);
  EXPECT_THAT(world.outlet.responses, IsEmpty());
  EXPECT_EQ(world.path.pending(), 1U);
  EXPECT_EQ(world.path.expire(world.now + seconds(5)), std::nullopt);
  EXPECT_EQ(world.last().error, "23 time-out");
}

TEST(Reload, ChangesTheBoundsOfNewQueries) {
  config::Config config = config_with(2);
  World world(config);
  config.limits.pending_per_client = 1;
  config.query.timeout = seconds(1);
  config.routes = {{"corp.example", {1}}};
  world.path.reconfigure(config, world.now);
  ASSERT_TRUE(world.ask(query("a.corp.example")));
  EXPECT_EQ(world.outlet.asks[0].ask.timeout_ms, 900U);
  EXPECT_EQ(world.outlet.asks[0].ask.upstreams, 0b10U);
  ASSERT_TRUE(world.ask());
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::client_full), 1U);
}

TEST(Reload, AShorterTimeOutHoldsForAll) {
  config::Config config = config_with(2);
  config.query.timeout = seconds(60);
  World world(config);
  ASSERT_TRUE(world.ask(query(), udp_client(1)));
  config.query.timeout = seconds(1);
  world.path.reconfigure(config, world.now);
  world.now += milliseconds(500);
  ASSERT_TRUE(world.ask(query(), udp_client(2)));
  EXPECT_EQ(world.path.expire(world.now + milliseconds(999)), world.now + seconds(1));
  ASSERT_THAT(world.outlet.responses, SizeIs(1));
  EXPECT_EQ(world.outlet.responses[0].client.ip, v4(1));
  EXPECT_EQ(world.path.expire(world.now + seconds(1)), std::nullopt);
}

TEST(Reload, APendingRoutedNameFollowsItsUpstreamsNewNumber) {
  config::Config config = config_with(2);
  config.routes = {{"corp.example", {0}}};
  World world(config);
  ASSERT_TRUE(world.ask(query("a.corp.example")));
  EXPECT_EQ(world.outlet.asks[0].ask.upstreams, 0b01U);
  std::swap(config.upstreams[0], config.upstreams[1]);
  config.routes = {{"corp.example", {1}}};
  world.path.reconfigure(config, world.now);
  world.path.on_new_upstream_room(world.now);
  EXPECT_EQ(world.outlet.asks.back().ask.upstreams, 0b10U);
}

// The upstream room learns of a reload first. What it can ask nobody of under the new
// configuration is asked anew, under that one.
TEST(Reload, WhatLostItsUpstreamsIsAskedAgainWithTheNextConfiguration) {
  config::Config config = config_with(2);
  World world(config);
  ASSERT_TRUE(world.ask());
  const std::uint32_t before = world.outlet.asks[0].ask.table;
  world.fail(UpstreamFault::reloaded, ipc::Failure::kNoUpstream);
  EXPECT_THAT(world.outlet.responses, IsEmpty());
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
  config.upstreams[0].name = "other.example";
  world.path.reconfigure(config, world.now);
  ASSERT_THAT(world.outlet.asks, SizeIs(2));
  EXPECT_NE(world.outlet.asks[1].ask.table, before);
  world.path.reconfigure(config, world.now);
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
  world.answer_well();
  EXPECT_EQ(world.path.counters().answered, 1U);
}

TEST(Reload, WhatLostItsUpstreamsIsAskedAgainAtOnceWhereThatIsKnownAlready) {
  config::Config config = config_with(2);
  World world(config);
  ASSERT_TRUE(world.ask());
  config.upstreams[0].name = "other.example";
  world.path.reconfigure(config, world.now);
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
  world.fail(UpstreamFault::reloaded, ipc::Failure::kNoUpstream);
  ASSERT_THAT(world.outlet.asks, SizeIs(2));
  world.fail(UpstreamFault::refused);
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
  EXPECT_EQ(world.last().rcode, kServfail);
}

TEST(Reload, APendingNameThatNobodyServesAnyMoreIsNotAsked) {
  config::Config config = config_with(1);
  World world(config);
  ASSERT_TRUE(world.ask());
  config.routes = {{"corp.example", {0}}};
  world.path.reconfigure(config, world.now);
  world.path.on_new_upstream_room(world.now);
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
  EXPECT_EQ(world.path.pending(), 1U);
}

}  // namespace
}  // namespace dotkeep::frontend
