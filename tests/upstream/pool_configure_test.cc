// A reload loses no query.
#include <gtest/gtest.h>

#include "tests/upstream/fake_world.h"

namespace dotkeep::upstream {
namespace {

TEST(PoolConfigure, AKeptUpstreamKeepsItsConnectionUnderItsNewNumber) {
  Bench bench(2);
  bench.establish(0);
  const LinkNumber kept = bench.establish(1);
  bench.ask(1, 0b10);
  bench.turn();
  bench.configure({kNoServer, 1});  // a new one, then what was number 1
  EXPECT_FALSE(bench.world.is_closed(kept));
  bench.configure({1});  // and now it is number 0
  bench.reply_to_all(kept);
  ASSERT_EQ(bench.world.answers.size(), 1U);
  EXPECT_EQ(bench.world.answers[0].upstream, 0);
  bench.ask(2, 0b1);
  bench.turn();
  EXPECT_EQ(bench.sent(kept).size(), 2U);
}

TEST(PoolConfigure, ARemovedUpstreamFinishesWhatIsInFlight) {
  Bench bench(1);
  const LinkNumber old = bench.establish(0);
  bench.ask(1);
  bench.turn();
  bench.configure({kNoServer});
  EXPECT_FALSE(bench.world.is_closed(old));
  bench.ask(2);
  bench.turn();
  EXPECT_EQ(bench.sent(old).size(), 1U);
  bench.reply_to_all(old);
  ASSERT_EQ(bench.world.answers.size(), 1U);
  EXPECT_EQ(bench.world.answers[0].upstream, kNoServer);
  EXPECT_TRUE(bench.world.is_closed(old));
  const LinkNumber fresh = bench.establish(0);
  bench.turn();
  EXPECT_EQ(bench.sent(fresh).size(), 1U);
}

// Its asker asks again, under the configuration of now (tests/frontend/datapath_time_test.cc).
TEST(PoolConfigure, ARemovedConnectionThatClosesGivesItsQueriesBack) {
  Bench bench(1);
  const LinkNumber old = bench.establish(0);
  bench.ask(1);
  bench.turn();
  bench.configure({kNoServer});
  bench.pool.ended(old, UpstreamFault::closed, {}, bench.now);
  const LinkNumber fresh = bench.establish(0);
  bench.turn();
  EXPECT_TRUE(bench.sent(fresh).empty());
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::reloaded);
}

TEST(PoolConfigure, WhoWaitedForARemovedOneWaitsForAnother) {
  Bench bench(2);
  bench.ask(1, 0b11);
  const LinkNumber opening = bench.requested(0);
  bench.configure({1});  // number 0 is gone, number 1 is number 0
  EXPECT_TRUE(bench.world.is_closed(opening));
  const LinkNumber link = bench.world.requests[1].number;
  bench.pool.established(link, {}, bench.now);
  bench.turn();
  EXPECT_EQ(bench.sent(link).size(), 1U);
  EXPECT_TRUE(bench.world.downs.empty());
}

// A routed name is not for every server to know.
TEST(PoolConfigure, NobodyElseIsAskedForWhomARemovedOneAlone) {
  Bench bench(2);
  bench.establish(1);
  bench.ask(1, 0b01);
  bench.configure({1});
  bench.turn();
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::reloaded);
  EXPECT_EQ(bench.world.failures[0].failure.upstream, kNoServer);
  EXPECT_TRUE(bench.sent(bench.requested(1)).empty());
}

TEST(PoolConfigure, ALostConnectionToARemovedOneSendsNobodyItsQueries) {
  Bench bench(2);
  const LinkNumber other = bench.establish(1);
  const LinkNumber removed = bench.establish(0);
  bench.ask(1, 0b01);
  bench.turn();
  bench.configure({1});
  bench.pool.ended(removed, UpstreamFault::closed, {}, bench.now);
  bench.turn();
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::reloaded);
  EXPECT_TRUE(bench.sent(other).empty());
}

TEST(PoolConfigure, WhoIsBehindMeansTheFormerNumbers) {
  Bench bench(2);
  const LinkNumber first = bench.establish(0);
  const LinkNumber second = bench.establish(1);
  bench.configure({0, 1}, config::Select::ordered, 7);
  bench.configure({1, 0}, config::Select::ordered, 8);
  bench.ask(1, 0b01, 5000, 0, 7);
  bench.ask(2, 0b01, 5000, 0, 8);
  bench.ask(3, 0b10, 5000, 0, 8);
  bench.turn();
  EXPECT_EQ(bench.sent(first).size(), 2U);
  EXPECT_EQ(bench.sent(second).size(), 1U);
  bench.configure({1}, config::Select::ordered, 9);
  bench.ask(4, 0b01, 5000, 0, 8);  // who is gone
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::reloaded);
}

TEST(PoolConfigure, WhoIsAheadIsHeldUntilItsConfigurationComes) {
  Bench bench(2);
  const LinkNumber first = bench.establish(0);
  const LinkNumber second = bench.establish(1);
  bench.ask(1, 0b01, 5000, 0, 7);
  bench.ask(2, 0b01, 5000, 0, 6);
  bench.ask(3, 0b01, 100, 0, 7);
  bench.ask(4, 0b01, 5000, 1, 7);
  bench.pass(200ms);
  EXPECT_TRUE(bench.sent(first).empty());
  EXPECT_TRUE(bench.sent(second).empty());
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.ticket, 3U);
  bench.pool.drop_frontend(1);
  bench.configure({1, 0}, config::Select::ordered, 7);
  bench.turn();
  EXPECT_TRUE(bench.sent(first).empty());
  EXPECT_EQ(bench.sent(second).size(), 1U);
  ASSERT_EQ(bench.world.failures.size(), 2U);
  EXPECT_EQ(bench.world.failures[1].failure.ticket, 2U);
  EXPECT_EQ(bench.world.failures[1].failure.fault, UpstreamFault::reloaded);
  EXPECT_EQ(bench.pool.pending(), 1U);
}

TEST(PoolConfigure, EveryNewUpstreamIsOpened) {
  Bench bench(1);
  const std::vector<std::uint8_t> kept = {0, kNoServer, kNoServer};
  bench.configure(kept);
  EXPECT_EQ(bench.requests(0), 1U);
  EXPECT_EQ(bench.requests(1), 1U);
  EXPECT_EQ(bench.requests(2), 1U);
}

TEST(PoolConfigure, AsManyUpstreamsAsMayBe) {
  Bench bench(config::kMaxUpstreams, config::Select::round_robin);
  for (std::uint8_t i = 0; i < config::kMaxUpstreams; ++i) bench.establish(i);
  for (ipc::Ticket t = 0; t < config::kMaxUpstreams; ++t) bench.ask(t);
  bench.turn();
  for (std::uint8_t i = 0; i < config::kMaxUpstreams; ++i) {
    EXPECT_EQ(bench.sent(bench.requested(i)).size(), 1U);
  }
}

TEST(PoolConfigure, PendingQueriesMeanTheSameUpstreamsAsBefore) {
  Bench bench(3);
  for (std::uint8_t i = 0; i < 3; ++i) bench.establish(i);
  const LinkNumber link = bench.requested(2);
  bench.ask(1, 0b100, 1000);
  bench.ask(2, 0b100, 5000);
  bench.turn();
  bench.configure({0, 2});  // what was number 2 is number 1
  bench.pass(1050ms);
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.upstream, 1);
  bench.pool.ended(link, UpstreamFault::closed, {}, bench.now);
  bench.pass(kFirstBackoff + kTick);  // it never answered
  EXPECT_TRUE(bench.sent(bench.world.requests[0].number).empty());
  const LinkNumber again = bench.establish(1);
  bench.turn();
  EXPECT_EQ(bench.sent(again).size(), 1U);
}

TEST(PoolConfigure, WhatFailedStaysFailedUnderItsNewNumber) {
  Bench bench(2);
  bench.ask(1);
  bench.refuse(0);
  bench.configure({1, 0});
  EXPECT_TRUE(bench.world.failures.empty());
  bench.pool.ended(bench.world.requests[1].number, UpstreamFault::unreachable, {}, bench.now);
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::unreachable);
  EXPECT_EQ(bench.world.failures[0].failure.upstream, 0);
}

}  // namespace
}  // namespace dotkeep::upstream
