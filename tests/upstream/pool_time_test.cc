// Deadlines, silence, idleness, warmth and the end.
#include <gtest/gtest.h>

#include "tests/upstream/fake_world.h"

namespace dotkeep::upstream {
namespace {

TEST(PoolTime, AnUnansweredQueryFailsAtItsDeadlineNotBefore) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(1, 1, 1000);
  bench.turn();
  bench.pass(990ms);
  EXPECT_TRUE(bench.world.failures.empty());
  bench.pass(60ms);
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::time_out);
  EXPECT_EQ(bench.world.failures[0].failure.upstream, 0);
  // Its answer comes late: neither passed on nor held against the server.
  const Sent query = bench.sent(link)[0];
  bench.reply(link, query.id);
  EXPECT_TRUE(bench.world.answers.empty());
  for (std::uint32_t i = 0; i < kMaxStrangers; ++i) bench.reply(link, query.id);
  EXPECT_FALSE(bench.world.is_closed(link));
}

TEST(PoolTime, AWaitingQueryFailsAtItsDeadlineToo) {
  Bench bench(1);
  bench.ask(1, 1, 500);
  bench.pass(550ms);
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::time_out);
  const LinkNumber link = bench.establish(0);
  bench.turn();
  EXPECT_TRUE(bench.sent(link).empty());
}

TEST(PoolTime, SilenceTowardsTwoCondemnsAndMovesThem) {
  Bench bench(2);
  const LinkNumber silent = bench.establish(0);
  const LinkNumber other = bench.establish(1);
  bench.ask(1);
  bench.ask(2);
  bench.turn();
  bench.pass(kSilence - 50ms);
  EXPECT_FALSE(bench.world.is_closed(silent));
  bench.pass(100ms);
  EXPECT_TRUE(bench.world.is_closed(silent));
  EXPECT_EQ(bench.sent(other).size(), 2U);
  bench.reply_to_all(other);
  EXPECT_EQ(bench.world.answers.size(), 2U);
  ASSERT_EQ(bench.world.downs.size(), 1U);  // it never answered anything
}

TEST(PoolTime, OneSlowQueryIsGivenLonger) {
  Bench bench(2);
  const LinkNumber silent = bench.establish(0);
  bench.establish(1);
  bench.ask(1);
  bench.turn();
  bench.pass(kSilenceOfOne - 50ms);
  EXPECT_FALSE(bench.world.is_closed(silent));
  bench.pass(100ms);
  EXPECT_TRUE(bench.world.is_closed(silent));
  EXPECT_TRUE(bench.world.downs.empty());  // once is no proof
}

TEST(PoolTime, AnyAnswerIsASignOfLife) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.turn();
  const std::uint16_t slow = bench.sent(link)[0].id;
  for (ipc::Ticket t = 2; t < 6; ++t) {
    bench.ask(t);
    bench.turn();
    bench.pass(1s);
    bench.reply(link, bench.sent(link).back().id);
  }
  EXPECT_FALSE(bench.world.is_closed(link));
  bench.reply(link, slow);
  EXPECT_EQ(bench.world.answers.size(), 5U);
}

TEST(PoolTime, AServerThatIsSilentTwiceIsDown) {
  Bench bench(1);
  bench.establish(0);
  bench.ask(1, 1, 20'000);
  bench.turn();
  bench.pass(kSilenceOfOne + 50ms);
  EXPECT_TRUE(bench.world.downs.empty());
  bench.establish(0);
  bench.turn();
  bench.pass(kSilenceMost + 50ms);
  ASSERT_EQ(bench.world.downs.size(), 1U);
  EXPECT_EQ(bench.world.downs[0].fault, UpstreamFault::time_out);
}

TEST(PoolTime, AQueryLeavesThreeTimesAtMost) {
  Bench bench(6, config::Select::round_robin);
  for (std::uint8_t i = 0; i < 6; ++i) bench.establish(i);
  bench.ask(1, ~std::uint64_t{0}, 60'000);
  bench.turn();
  bench.pass(20s);
  std::size_t sent = 0;
  for (const auto& request : bench.world.requests) sent += bench.sent(request.number).size();
  EXPECT_EQ(sent, kMaxSends);
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::time_out);
}

TEST(PoolTime, WhileNothingIsReadSilenceProvesNothing) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  for (ipc::Ticket t = 0; t < 3; ++t) bench.ask(t, 1, 30'000);
  bench.turn();
  bench.pool.reading_paused(true, bench.now);
  bench.pass(10s);
  EXPECT_FALSE(bench.world.is_closed(link));
  bench.pool.reading_paused(false, bench.now);
  bench.pass(1s);
  EXPECT_FALSE(bench.world.is_closed(link));
  bench.pass(1s);
  EXPECT_TRUE(bench.world.is_closed(link));
}

TEST(PoolTime, ShortPausesDoNotMakeSilenceNew) {
  Bench bench(2);
  const LinkNumber silent = bench.establish(0);
  const LinkNumber other = bench.establish(1);
  for (ipc::Ticket t = 0; t < 40; ++t) bench.ask(t);
  bench.turn();
  for (int i = 0; i < 6; ++i) {
    bench.pool.reading_paused(true, bench.now);
    bench.now += 1ms;
    bench.pool.reading_paused(false, bench.now);
    bench.pass(25ms);
  }
  EXPECT_FALSE(bench.world.is_closed(silent));
  EXPECT_EQ(bench.sent(other).size(), 40U);  // suspected after 100 ms all the same
}

TEST(PoolTime, AProcessThatWasStoppedBlamesNobody) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  for (ipc::Ticket t = 0; t < 3; ++t) bench.ask(t, 1, 30'000);
  bench.turn();
  bench.now += 10s;
  bench.pool.tick(bench.now);
  EXPECT_FALSE(bench.world.is_closed(link));
  bench.reply_to_all(link);
  EXPECT_EQ(bench.world.answers.size(), 3U);
}

TEST(PoolTime, AConnectionThatOwesTooMuchRetires) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(9999, 1, 30'000);
  for (std::size_t i = 0; i < kMaxAbandoned; ++i) bench.ask(static_cast<ipc::Ticket>(i), 1, 100);
  bench.turn();
  const auto sent = bench.sent(link);
  bench.pass(200ms);
  EXPECT_EQ(bench.world.failures.size(), kMaxAbandoned);
  EXPECT_FALSE(bench.world.is_closed(link));
  bench.ask(1);  // not on this one
  bench.turn();
  EXPECT_EQ(bench.sent(link).size(), sent.size());
  bench.reply(link, sent[0].id);
  EXPECT_TRUE(bench.world.is_closed(link));
}

TEST(PoolTime, IdleConnectionsCloseAfterTheDefault) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.turn();
  bench.reply_to_all(link);
  bench.pass(kIdleDefault - 100ms);
  EXPECT_FALSE(bench.world.is_closed(link));
  bench.pass(200ms);
  EXPECT_TRUE(bench.world.is_closed(link));
}

TEST(PoolTime, TheServersIdleTimeIsKeptWithAMargin) {
  Bench bench(2);
  const LinkNumber shorter = bench.establish(0);
  const LinkNumber longer = bench.establish(1);
  bench.pool.idle_time({shorter, 50}, bench.now);    // 5 s
  bench.pool.idle_time({longer, 65535}, bench.now);  // nearly two hours
  bench.pass(3900ms);
  EXPECT_FALSE(bench.world.is_closed(shorter));
  bench.pass(200ms);
  EXPECT_TRUE(bench.world.is_closed(shorter));
  bench.pass(kIdleMost - 5s);
  EXPECT_FALSE(bench.world.is_closed(longer));
  bench.pass(2s);
  EXPECT_TRUE(bench.world.is_closed(longer));
}

TEST(PoolTime, AnIdleTimeOfZeroClosesAfterWhatIsInFlight) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.ask(2);
  bench.turn();
  const auto sent = bench.sent(link);
  bench.reply(link, sent[0].id);
  bench.pool.idle_time({link, 0}, bench.now);
  EXPECT_FALSE(bench.world.is_closed(link));
  bench.ask(3);
  bench.turn();
  EXPECT_EQ(bench.sent(link).size(), 2U);
  EXPECT_EQ(bench.requests(0), 2U);
  bench.reply(link, sent[1].id);
  EXPECT_TRUE(bench.world.is_closed(link));
  EXPECT_TRUE(bench.world.downs.empty());
}

TEST(PoolTime, AConnectionInUseIsReopenedWithoutAQuery) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.turn();
  bench.reply_to_all(link);
  bench.pass(10s);
  bench.pool.ended(link, UpstreamFault::closed, {}, bench.now);
  bench.pass(100ms);
  EXPECT_EQ(bench.requests(0), 2U);
}

TEST(PoolTime, WhatNobodyUsesIsNotReopened) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.pass(kWarmFor + 1s);
  bench.pool.ended(link, UpstreamFault::closed, {}, bench.now);
  const std::size_t before = bench.requests(0);
  bench.pass(60s);
  EXPECT_EQ(bench.requests(0), before);
}

TEST(PoolTime, AServerThatHangsUpAtOnceIsNotCalledAtOnce) {
  Bench bench(1);
  for (int i = 0; i < 100; ++i) {
    if (bench.pool.server_of_opening(bench.requested(0))) {
      bench.pool.ended(bench.establish(0), UpstreamFault::closed, {}, bench.now);
    }
    bench.pass(100ms);
  }
  EXPECT_LE(bench.requests(0), 3U);
}

TEST(PoolTime, ADownUpstreamIsProbedWhileThereIsTraffic) {
  Bench bench(2);
  bench.refuse(0);
  const LinkNumber link = bench.establish(1);
  for (ipc::Ticket t = 0; t < 10; ++t) {
    bench.ask(t);
    bench.turn();
    bench.reply_to_all(link);
    bench.pass(100ms);
  }
  EXPECT_GE(bench.requests(0), 2U);
  bench.establish(0);
  EXPECT_EQ(bench.world.ups, (std::vector<std::uint8_t>{1, 0}));
}

TEST(PoolTime, NextTickIsSoonWhilePendingAndLateWhenIdle) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  EXPECT_GT(bench.pool.next_tick(bench.now), bench.now + 20s);
  bench.ask(1);
  bench.turn();
  EXPECT_EQ(bench.pool.next_tick(bench.now), bench.now + kTick);
  bench.reply_to_all(link);
  EXPECT_GT(bench.pool.next_tick(bench.now), bench.now + 20s);
}

TEST(PoolTime, ADrainWaitsForAnswersButNotForever) {
  for (const bool answered : {true, false}) {
    Bench bench(1);
    const LinkNumber link = bench.establish(0);
    bench.ask(1);
    bench.turn();
    EXPECT_FALSE(bench.pool.drained(bench.now));
    bench.pool.drain(bench.now);
    EXPECT_FALSE(bench.pool.drained(bench.now));
    if (answered) {
      bench.reply_to_all(link);
      EXPECT_TRUE(bench.pool.drained(bench.now));
    } else {
      bench.now += kDrainTime;
      EXPECT_TRUE(bench.pool.drained(bench.now));
    }
    bench.pool.close_all();
    EXPECT_TRUE(bench.world.is_closed(link));
  }
}

TEST(PoolTime, WhatNeverLeftIsNotUnanswered) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.ask(2);
  bench.pool.drop_frontend(0);
  bench.turn();
  bench.pass(5s);
  EXPECT_FALSE(bench.world.is_closed(link));
}

TEST(PoolTime, WhoFellSilentIsNoLongerTheFastest) {
  Bench bench(2, config::Select::fastest);
  const LinkNumber silent = bench.establish(0);
  const LinkNumber other = bench.establish(1);
  bench.now += 1ms;
  bench.ask(1, 0b01);
  bench.turn();
  bench.reply_to_all(silent);
  bench.ask(1, 0b10);
  bench.turn();
  bench.now += 200ms;
  bench.reply_to_all(other);
  for (ipc::Ticket t = 0; t < 3; ++t) bench.ask(t, 0b01);
  bench.turn();
  bench.pass(kSilence + 50ms);
  ASSERT_TRUE(bench.world.is_closed(silent));
  bench.reply_to_all(other);
  bench.establish(0);
  for (ipc::Ticket t = 0; t < 200; ++t) bench.ask(t);
  bench.turn();
  EXPECT_LT(bench.sent(bench.requested(0)).size(), 40U);
}

TEST(PoolTime, AnIdleTimeOfZeroClosesAnIdleConnectionSoon) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.pool.idle_time({link, 0}, bench.now);
  bench.pass(50ms);
  EXPECT_TRUE(bench.world.is_closed(link));
}

}  // namespace
}  // namespace dotkeep::upstream
