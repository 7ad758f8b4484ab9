// A second upstream for what the first is slow or silent about; and who is asked first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/upstream/fake_world.h"

namespace dotkeep::upstream {
namespace {

using namespace std::chrono_literals;
using config::Select;

// Answers of a few milliseconds, so that what is usual is known.
void get_used_to(Bench& b, LinkNumber link, std::uint64_t server, ipc::Ticket from = 1000) {
  for (ipc::Ticket t = from; t < from + 40; ++t) {
    b.ask(t, server);
    b.turn();
    b.now += 5ms;
    b.reply(link, b.sent(link).back().id);
  }
}

struct Two : testing::Test {
  Two() {
    get_used_to(b, first, 1);
    b.world.answers.clear();
    before = b.sent(first).size();
  }
  Bench b{2};
  LinkNumber first = b.establish(0);
  LinkNumber second = b.establish(1);
  std::size_t before = 0;
};

TEST_F(Two, ASlowQueryIsAskedOfAnotherAndTheFirstAnswerCounts) {
  b.ask(1);
  b.turn();
  b.pass(kHedgeLeast - 10ms);
  EXPECT_TRUE(b.sent(second).empty());
  b.pass(60ms);
  ASSERT_EQ(b.sent(second).size(), 1U);
  EXPECT_EQ(b.sent(first).size(), before + 1);
  EXPECT_EQ(b.pool.hedges().asked, 1U);
  b.reply_to_all(second);
  ASSERT_EQ(b.world.answers.size(), 1U);
  EXPECT_EQ(b.world.answers[0].upstream, 1);
  EXPECT_EQ(b.pool.hedges().won, 1U);
  b.reply(first, b.sent(first).back().id);  // late: dropped, and no stranger
  EXPECT_EQ(b.world.answers.size(), 1U);
  EXPECT_EQ(b.pool.pending(), 0U);
  EXPECT_EQ(b.pool.strays().unknown_id, 0U);
}

TEST_F(Two, TheFirstMayStillAnswer) {
  b.ask(1);
  b.turn();
  b.pass(100ms);
  ASSERT_EQ(b.sent(second).size(), 1U);
  b.reply(first, b.sent(first).back().id);
  ASSERT_EQ(b.world.answers.size(), 1U);
  EXPECT_EQ(b.world.answers[0].upstream, 0);
  b.reply_to_all(second);
  EXPECT_EQ(b.world.answers.size(), 1U);
  EXPECT_EQ(b.pool.pending(), 0U);
  EXPECT_EQ(b.pool.hedges().won, 0U);
}

TEST_F(Two, AHedgeThatIsLostLeavesTheFirst) {
  b.ask(1);
  b.turn();
  b.pass(100ms);
  b.pool.ended(second, UpstreamFault::closed, "", b.now);
  b.reply(first, b.sent(first).back().id);
  EXPECT_EQ(b.world.answers.size(), 1U);
  EXPECT_TRUE(b.world.failures.empty());
}

TEST_F(Two, AFirstThatIsLostLeavesTheHedge) {
  b.ask(1);
  b.turn();
  b.pass(100ms);
  b.pool.ended(first, UpstreamFault::closed, "", b.now);
  b.turn();
  EXPECT_EQ(b.sent(second).size(), 1U);  // not a third time
  b.reply_to_all(second);
  EXPECT_EQ(b.world.answers.size(), 1U);
}

TEST_F(Two, AHedgedQueryExpiresOnce) {
  b.ask(1, 3, 300);
  b.turn();
  b.pass(400ms);
  EXPECT_EQ(b.world.failures.size(), 1U);
  b.reply(first, b.sent(first).back().id);
  b.reply_to_all(second);
  EXPECT_TRUE(b.world.answers.empty());
  EXPECT_EQ(b.pool.pending(), 0U);
  EXPECT_EQ(b.pool.strays().unknown_id, 0U);
}

TEST_F(Two, HedgesAreASmallShare) {
  // One stays unanswered for each that is answered: never silent, always slow.
  std::size_t replied = 0;
  for (ipc::Ticket t = 1; t <= 400; ++t) {
    b.ask(t, 3, 60'000);
    b.turn();
    b.pass(25ms);
    if (t % 2 == 0) b.reply(first, b.sent(first).back().id);
    for (; replied < b.sent(second).size(); ++replied) b.reply(second, b.sent(second)[replied].id);
  }
  EXPECT_LE(b.sent(second).size(), kHedgesAtOnce + 2 * 400 / kHedgeOneIn);
  EXPECT_GE(b.sent(second).size(), 400 / kHedgeOneIn);
}

TEST_F(Two, WhoMayNotBeAskedIsNotAskedToo) {
  b.ask(1, 1);
  b.turn();
  b.pass(500ms);
  EXPECT_TRUE(b.sent(second).empty());
}

TEST_F(Two, ASilentOneIsSuspectedLongBeforeItIsCondemned) {
  for (ipc::Ticket t = 1; t <= 100; ++t) b.ask(t);
  b.turn();
  b.pass(75ms);
  b.reply_to_all(second);
  EXPECT_LT(b.sent(second).size(), kHedgesAtOnce);
  b.pass(75ms);
  EXPECT_FALSE(b.world.is_closed(first));
  EXPECT_EQ(b.sent(second).size(), 100U);  // all of them, however many
  b.ask(101);
  b.turn();
  EXPECT_EQ(b.sent(second).size(), 101U);  // new ones pass it over
  EXPECT_EQ(b.sent(first).size(), before + 100);
  b.reply(first, b.sent(first).back().id);  // a sign of life
  b.ask(102);
  b.turn();
  EXPECT_EQ(b.sent(first).size(), before + 101);
}

// One upstream that serves one of its connections and starves the other, as a server does whose
// threads have connections of their own.
struct Siblings : testing::Test {
  Siblings() {
    get_used_to(b, starved, 1);
    for (std::size_t i = 0; i < kSpreadInFlight; ++i) ask();
    served = b.establish(0);
    while (b.sent(served).size() < 4) ask();
    b.world.answers.clear();
    before = b.sent(starved).size();
  }
  void ask() {
    b.ask(next++, 1, 20'000);
    b.turn();
  }
  ipc::Ticket next = 1;
  Bench b{1};
  LinkNumber starved = b.establish(0);
  LinkNumber served = 0;
  std::size_t before = 0;
};

TEST_F(Siblings, WhatASilentOneHasIsAskedOverOneThatAnswers) {
  b.pass(50ms);
  b.reply_to_all(served);
  b.pass(200ms);
  EXPECT_EQ(b.sent(served).size(), 4 + kSpreadInFlight);
  EXPECT_FALSE(b.world.is_closed(starved));
  b.reply_to_all(served);
  EXPECT_EQ(b.world.answers.size(), 4 + kSpreadInFlight);
  EXPECT_EQ(b.pool.pending(), 0U);
  ask();
  EXPECT_EQ(b.sent(starved).size(), before);  // passed over until it answers
}

TEST_F(Siblings, GivenUpWhileAnotherAsksForItNothingIsAskedAThirdTime) {
  b.pass(50ms);
  b.reply_to_all(served);
  b.pass(200ms);
  ASSERT_FALSE(b.world.is_closed(starved));
  ASSERT_EQ(b.sent(served).size(), 4 + kSpreadInFlight);
  b.pool.ended(starved, UpstreamFault::closed, "", b.now);
  b.turn();
  EXPECT_EQ(b.sent(served).size(), 4 + kSpreadInFlight);
  b.reply_to_all(served);
  EXPECT_EQ(b.world.answers.size(), 4 + kSpreadInFlight);
  EXPECT_EQ(b.pool.pending(), 0U);
}

// What is asked over one connection only again is forgotten there when its time is over.
TEST_F(Siblings, GivenUpAndThenTooLateNoReplyIsTakenForThem) {
  for (std::size_t i = 0; i < 2 * kSpreadInFlight; ++i) b.ask(next++, 1, 400);
  b.turn();
  b.pass(50ms);
  b.reply_to_all(served);
  const std::size_t answered = b.sent(served).size();
  b.pass(200ms);
  const std::size_t stood_in = b.sent(served).size();
  ASSERT_FALSE(b.world.is_closed(starved));
  b.pool.ended(starved, UpstreamFault::closed, "", b.now);
  for (int i = 0; i < 20; ++i) {  // others are answered meanwhile
    ask();
    b.pass(10ms);
    b.reply(served, b.sent(served).back().id);
  }
  ASSERT_FALSE(b.world.is_closed(served));
  ASSERT_GT(b.world.failures.size(), kSpreadInFlight / 4);
  b.world.answers.clear();
  const auto sent = b.sent(served);
  for (std::size_t i = answered; i < stood_in; ++i) b.reply(served, sent[i].id);
  EXPECT_FALSE(b.world.is_closed(served));
  for (const auto& failed : b.world.failures) {
    EXPECT_THAT(b.world.answers, testing::Each(testing::Field(&FakeWorld::Answered::ticket,
                                                              testing::Ne(failed.failure.ticket))));
  }
}

TEST_F(Siblings, TheOneThatStoodInIsLostAndTheFirstAnswersAfterAll) {
  b.pass(50ms);
  b.reply_to_all(served);
  b.pass(200ms);
  ASSERT_EQ(b.sent(served).size(), 4 + kSpreadInFlight);
  b.pool.ended(served, UpstreamFault::closed, "", b.now);
  b.turn();
  b.reply_to_all(starved);
  EXPECT_EQ(b.world.answers.size(), 4 + kSpreadInFlight);
  EXPECT_EQ(b.pool.pending(), 0U);
}

TEST_F(Siblings, WhereNoneAnswersNothingIsAskedTwice) {
  b.pass(1s);
  EXPECT_EQ(b.sent(served).size(), 4U);
  EXPECT_EQ(b.sent(starved).size(), before);
}

TEST_F(Siblings, OneThatAnswersGoesBeforeAFreshOne) {
  while (b.sent(served).size() < kSpreadInFlight) ask();
  const LinkNumber fresh = b.establish(0);
  ASSERT_NE(fresh, served);
  b.pass(50ms);
  b.reply_to_all(served);
  b.pass(200ms);
  EXPECT_EQ(b.sent(served).size(), 2 * kSpreadInFlight);
  EXPECT_TRUE(b.sent(fresh).empty());
}

TEST_F(Two, AReloadWhileHedgedLosesNothing) {
  b.ask(1);
  b.turn();
  b.pass(100ms);
  b.configure({1}, Select::ordered, 7);  // the first is gone
  b.reply_to_all(second);
  ASSERT_EQ(b.world.answers.size(), 1U);
  EXPECT_EQ(b.world.answers[0].upstream, 0);
  EXPECT_EQ(b.pool.pending(), 0U);
}

TEST(Tiers, TheBestThatIsNotDown) {
  Bench b(3);
  const std::array<Standing, 3> standings = {{{1, 5}, {1, 2}, {1, 2}}};
  b.pool.configure(Select::ordered, std::array<std::uint8_t, 3>{kNoServer, kNoServer, kNoServer},
                   b.now, 0, standings);
  const LinkNumber spare = b.establish(0);
  b.ask(1);
  b.turn();
  EXPECT_TRUE(b.sent(spare).empty());  // a better one is being connected to
  const LinkNumber better = b.establish(1);
  b.turn();
  EXPECT_EQ(b.sent(better).size(), 1U);
  b.reply_to_all(better);
  b.refuse(2);
  b.pool.ended(better, UpstreamFault::closed, "", b.now);
  b.ask(2);
  b.turn();
  EXPECT_TRUE(b.sent(spare).empty());
  b.refuse(1);  // now all of the better tier are down
  b.turn();
  EXPECT_EQ(b.sent(spare).size(), 1U);
}

TEST(Sticky, ANameHasOneUpstreamWhileItIsUp) {
  for (const Select select : {Select::hash, Select::spread}) {
    Bench b(4, select);
    std::array<LinkNumber, 4> links{};
    for (std::uint8_t i = 0; i < 4; ++i) links[i] = b.establish(i);
    std::array<std::size_t, 4> seen{};
    for (ipc::Ticket name = 1; name <= 200; ++name) {
      std::size_t where = 9;
      for (int again = 0; again < 3; ++again) {
        b.ask(name);
        b.turn();
        for (std::size_t i = 0; i < 4; ++i) {
          if (b.sent(links[i]).size() == seen[i]) continue;
          seen[i] = b.sent(links[i]).size();
          EXPECT_TRUE(where == 9 || where == i);
          where = i;
        }
        b.reply(links[where], b.sent(links[where]).back().id);
      }
    }
    for (const std::size_t count : seen) EXPECT_GT(count, 60U);  // of 600
  }
}

TEST(Sticky, ItsConnectionIsWaitedFor) {
  Bench b(2, Select::hash);
  const LinkNumber only = b.establish(0);
  std::size_t waited = 0;
  for (ipc::Ticket name = 1; name <= 50; ++name) b.ask(name);
  b.turn();
  waited = 50 - b.sent(only).size();
  EXPECT_GT(waited, 10U);
  const LinkNumber other = b.establish(1);
  b.turn();
  EXPECT_EQ(b.sent(other).size(), waited);
}

TEST(Sleep, EndsBackoffAndIdleConnections) {
  Bench b(2);
  const LinkNumber idle = b.establish(0);
  b.ask(1);
  b.turn();
  b.reply_to_all(idle);
  b.pass_refused(20s, 1, UpstreamFault::refused);
  const std::size_t tried = b.requests(1);
  b.pool.woke_up(b.now);
  EXPECT_TRUE(b.world.is_closed(idle));
  b.ask(2);
  b.turn();
  EXPECT_GT(b.requests(0), 1U);
  b.pass(50ms);
  EXPECT_GT(b.requests(1), tried);
}

}  // namespace
}  // namespace dotkeep::upstream
