// Whether a query waits for an upstream that is down.
#include <gtest/gtest.h>

#include "tests/upstream/fake_world.h"

namespace dotkeep::upstream {
namespace {

TEST(Down, InALongBackoffQueriesFailAtOnce) {
  Bench bench(1);
  while (bench.requests(0) < 8) bench.pass_refused(1s, 0, UpstreamFault::name_mismatch);
  const std::size_t requests = bench.requests(0);
  bench.ask(5);  // the next attempt is at least 15 s away
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::name_mismatch);
  EXPECT_EQ(bench.world.failures[0].failure.upstream, 0);
  EXPECT_EQ(bench.requests(0), requests);
}

TEST(Down, WhoOnlyCouldNotBeReachedIsTriedAtOnceWhenNobodyElseIsLeft) {
  Bench bench(1);
  while (bench.requests(0) < 8) bench.pass_refused(1s, 0, UpstreamFault::unreachable);
  const std::size_t requests = bench.requests(0);
  bench.pass(kLastResort);
  bench.ask(5);
  EXPECT_EQ(bench.requests(0), requests + 1);
  EXPECT_TRUE(bench.world.failures.empty());
  // No answer to that: its packet may have been the last that was lost.
  bench.pass(kLastResort + 2 * kTick);
  EXPECT_EQ(bench.requests(0), requests + 2);
  const LinkNumber link = bench.establish(0);
  bench.turn();
  EXPECT_EQ(bench.sent(link).size(), 1U);
}

TEST(Down, InAShortBackoffAQueryWaitsForTheNextAttempt) {
  Bench bench(1);
  bench.refuse(0);
  bench.ask(1);
  EXPECT_TRUE(bench.world.failures.empty());
  EXPECT_EQ(bench.requests(0), 1U);
  bench.pass(300ms);
  EXPECT_EQ(bench.requests(0), 2U);
  const LinkNumber link = bench.establish(0);
  bench.turn();
  EXPECT_EQ(bench.sent(link).size(), 1U);
}

TEST(Down, AFarEndOfABackoffIsNotWaitedFor) {
  Bench bench(1);
  while (bench.requests(0) < 3) bench.pass_refused(100ms, 0, UpstreamFault::name_mismatch);
  bench.pass_refused(kTick, 0, UpstreamFault::name_mismatch);
  bench.world.failures.clear();
  bench.ask(1);  // well before its deadline, and it would fail as the last did
  EXPECT_EQ(bench.world.failures.size(), 1U);
}

// Up, then away with a query in flight, then back within a second.
TEST(Down, AServerThatRestartsIsWaitedFor) {
  Bench bench(1);
  LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.turn();
  bench.reply_to_all(link);
  bench.ask(2);
  bench.turn();
  bench.pool.ended(link, UpstreamFault::closed, {}, bench.now);
  bench.ask(3);
  bench.pass_refused(kRestartPatience - 300ms, 0, UpstreamFault::refused);
  bench.ask(4);
  EXPECT_TRUE(bench.world.failures.empty());
  EXPECT_GE(bench.requests(0), 4U);
  bench.pass(kLastResort + kTick);
  link = bench.establish(0);
  bench.turn();
  EXPECT_EQ(bench.sent(link).size(), 3U);
}

TEST(Down, AServerThatStaysAwayIsNotWaitedForLong) {
  Bench bench(1);
  LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.turn();
  bench.pool.ended(link, UpstreamFault::closed, {}, bench.now);
  bench.pass_refused(kRestartPatience + kLastResort + 2 * kTick, 0, UpstreamFault::refused);
  EXPECT_EQ(bench.world.failures.size(), 1U);
  // Nor anew by each attempt that fails.
  bench.ask(2);
  bench.pass_refused(kLastResort + 2 * kTick, 0, UpstreamFault::refused);
  EXPECT_EQ(bench.world.failures.size(), 2U);
}

// Who asks between two attempts waits for the next one only.
TEST(Down, BetweenTwoAttemptsAtWhoCannotBeReachedAQueryWaitsForTheNext) {
  Bench bench(1);
  while (bench.requests(0) < 8) bench.pass_refused(1s, 0, UpstreamFault::unreachable);
  bench.pass(kLastResort);
  bench.ask(1);
  bench.refuse(0, UpstreamFault::unreachable);
  ASSERT_EQ(bench.world.failures.size(), 1U);
  const std::size_t requests = bench.requests(0);
  bench.ask(2);
  EXPECT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.requests(0), requests);
  bench.pass(kLastResort + kTick);
  EXPECT_EQ(bench.requests(0), requests + 1);
  const LinkNumber link = bench.establish(0);
  bench.turn();
  EXPECT_EQ(bench.sent(link).size(), 1U);
}

TEST(Down, ItsOneAttemptFailsTheQuery) {
  Bench bench(1);
  bench.refuse(0);
  bench.ask(1);
  bench.pass(300ms);
  bench.refuse(0, UpstreamFault::unreachable);
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::unreachable);
}

}  // namespace
}  // namespace dotkeep::upstream
