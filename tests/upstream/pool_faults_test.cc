// What happens when an upstream cannot be reached, closes, breaks the rules or falls silent.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/upstream/fake_world.h"

namespace dotkeep::upstream {
namespace {

TEST(PoolFaults, AQueryOnAConnectionThatClosesIsAskedAgainUnseen) {
  Bench bench(1);
  const LinkNumber first = bench.establish(0);
  bench.ask(1);
  bench.turn();
  bench.reply_to_all(first);
  bench.ask(2);
  bench.turn();
  bench.pool.ended(first, UpstreamFault::closed, {}, bench.now);
  EXPECT_TRUE(bench.world.failures.empty());
  const LinkNumber second = bench.establish(0);
  ASSERT_NE(first, second);
  bench.turn();
  bench.reply_to_all(second);
  ASSERT_EQ(bench.world.answers.size(), 2U);
  EXPECT_EQ(bench.world.answers[1].ticket, 2U);
  EXPECT_TRUE(bench.world.downs.empty());  // a server may close when it likes
}

TEST(PoolFaults, AClosureIsForgivenAsOftenAsAQueryMayLeave) {
  Bench bench(kMaxSends);
  std::vector<LinkNumber> open;
  for (std::uint8_t i = 0; i < kMaxSends; ++i) open.push_back(bench.establish(i));
  bench.ask(1);
  for (std::size_t sends = 1; sends <= kMaxSends; ++sends) {
    bench.turn();
    EXPECT_TRUE(bench.world.failures.empty());
    const auto link =
        std::ranges::find_if(open, [&](LinkNumber n) { return bench.sent(n).size() == 1; });
    ASSERT_NE(link, open.end()) << sends;
    bench.pool.ended(*link, UpstreamFault::closed, {}, bench.now);
    open.erase(link);
  }
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::closed);
  EXPECT_EQ(bench.pool.pending(), 0U);
}

TEST(PoolFaults, AServerThatClosesWithoutEverAnsweringIsDown) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.turn();
  bench.pool.ended(link, UpstreamFault::closed, {}, bench.now);
  ASSERT_EQ(bench.world.downs.size(), 1U);
  EXPECT_EQ(bench.world.downs[0].fault, UpstreamFault::closed);
}

TEST(PoolFaults, AnIdleConnectionThatClosesIsNoFault) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.pool.ended(link, UpstreamFault::closed, {}, bench.now);
  EXPECT_TRUE(bench.world.downs.empty());
  bench.ask(1);
  EXPECT_EQ(bench.requests(0), 2U);
  EXPECT_TRUE(bench.world.failures.empty());
}

TEST(PoolFaults, WhoCannotBeReachedIsFailedOver) {
  Bench bench(2);
  bench.ask(1);
  bench.refuse(0);
  EXPECT_TRUE(bench.world.failures.empty());
  const LinkNumber link = bench.establish(1);
  bench.turn();
  EXPECT_EQ(bench.sent(link).size(), 1U);
}

TEST(PoolFaults, WhenAllHaveFailedTheQueryFailsAtOnceWithTheLastReason) {
  Bench bench(2);
  bench.ask(1);
  bench.refuse(0, UpstreamFault::refused);
  bench.refuse(1, UpstreamFault::pin_mismatch);
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::pin_mismatch);
  EXPECT_EQ(bench.world.failures[0].failure.upstream, 1);
}

TEST(PoolFaults, AResumptionThatFailsIsTriedInFullAtOnceWithoutBlame) {
  Bench b(1);
  b.ask(1);
  const LinkNumber first = b.requested(0);
  b.pool.connected(first, b.now);
  b.pool.resumption_failed(first, b.now);
  EXPECT_TRUE(b.world.is_closed(first));
  EXPECT_NE(b.requested(0), first);
  EXPECT_TRUE(b.world.downs.empty());
  EXPECT_TRUE(b.world.failures.empty());
  const LinkNumber second = b.establish(0);
  b.turn();
  EXPECT_EQ(b.world.records[second].size(), 1U);
  b.pool.resumption_failed(second, b.now);  // established: too late to be one
  EXPECT_FALSE(b.world.is_closed(second));
}

TEST(PoolFaults, StateChangesAreToldOnce) {
  Bench bench(1);
  bench.pass_refused(20s, 0, UpstreamFault::refused);
  EXPECT_GT(bench.requests(0), 4U);
  ASSERT_EQ(bench.world.downs.size(), 1U);
  EXPECT_EQ(bench.world.downs[0].server, 0);
  EXPECT_EQ(bench.world.downs[0].fault, UpstreamFault::refused);
  EXPECT_EQ(bench.world.downs[0].detail, "because");
  bench.pass_refused(30s, 0, UpstreamFault::unreachable);  // another reason is news
  EXPECT_EQ(bench.world.downs.size(), 2U);
  for (ipc::Ticket t = 0; !bench.pool.server_of_opening(bench.requested(0)); ++t) {
    bench.ask(t);  // without traffic it would not be tried again
    bench.pass(100ms);
  }
  bench.establish(0);
  EXPECT_EQ(bench.world.ups, std::vector<std::uint8_t>{0});
}

TEST(PoolFaults, TheConnectorsBoundIsNotTheServersFault) {
  Bench bench(1);
  bench.ask(1);
  bench.refuse(0, UpstreamFault::overloaded);
  EXPECT_TRUE(bench.world.downs.empty());
  EXPECT_TRUE(bench.world.failures.empty());
  bench.pass(50ms);
  EXPECT_EQ(bench.requests(0), 1U);
  bench.pass(100ms);
  EXPECT_EQ(bench.requests(0), 2U);
}

TEST(PoolFaults, ANewConnectorIsAskedAgain) {
  Bench bench(2);
  const LinkNumber established = bench.establish(1);
  const LinkNumber waiting = bench.requested(0);
  bench.world.requests.clear();
  bench.pool.connector_is_back();
  ASSERT_EQ(bench.world.requests.size(), 1U);
  EXPECT_EQ(bench.world.requests[0].number, waiting);
  EXPECT_NE(bench.world.requests[0].number, established);
}

TEST(PoolFaults, ConnectingAndHandshakingTimeOut) {
  Bench bench(2);
  const LinkNumber silent = bench.requested(0);
  const LinkNumber mute = bench.requested(1);
  bench.pass(2s);
  bench.pool.connected(mute, bench.now);
  bench.pass(1s);
  EXPECT_TRUE(bench.world.is_closed(silent));
  EXPECT_FALSE(bench.world.is_closed(mute));
  bench.pass(2s);
  EXPECT_TRUE(bench.world.is_closed(mute));
  ASSERT_EQ(bench.world.downs.size(), 2U);
  EXPECT_EQ(bench.world.downs[0].fault, UpstreamFault::connect_time_out);
  EXPECT_EQ(bench.world.downs[1].fault, UpstreamFault::tls_time_out);
}

TEST(PoolFaults, AFewStrangersAreForgivenMoreAreNot) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  for (std::uint32_t i = 0; i < kMaxStrangers; ++i) bench.reply(link, 1);
  EXPECT_FALSE(bench.world.is_closed(link));
  bench.reply(link, 1);
  EXPECT_TRUE(bench.world.is_closed(link));
  ASSERT_EQ(bench.world.downs.size(), 1U);
  EXPECT_EQ(bench.world.downs[0].fault, UpstreamFault::bad_frames);
  EXPECT_TRUE(bench.world.answers.empty());
}

TEST(PoolFaults, AFrameShorterThanAHeaderEndsTheConnection) {
  Bench bench(2);
  const LinkNumber link = bench.establish(0);
  const LinkNumber other = bench.establish(1);
  bench.ask(1);
  bench.turn();
  std::array<std::uint8_t, 13> frame{0, 11};
  bench.pool.received(link, frame, bench.now);
  EXPECT_TRUE(bench.world.is_closed(link));
  EXPECT_EQ(bench.world.downs.size(), 1U);
  bench.turn();
  EXPECT_EQ(bench.sent(other).size(), 1U);  // the query is asked elsewhere
}

TEST(PoolFaults, AWriteThatFailsLosesTheConnectionNotTheQuery) {
  Bench bench(2);
  const LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.world.refuse_writes = true;
  bench.turn();
  bench.world.refuse_writes = false;
  EXPECT_TRUE(bench.world.is_closed(link));
  const LinkNumber other = bench.establish(1);
  bench.turn();
  EXPECT_EQ(bench.sent(other).size(), 1U);
}

// Two connections to upstream 0, one to upstream 1, nothing in flight.
struct TwoConnections : Bench {
  TwoConnections() : Bench(2) {
    first = establish(0);
    other = establish(1);
    for (ipc::Ticket t = 0; t < kSpreadInFlight; ++t) ask(t);
    turn();
    second = establish(0);
    reply_to_all(first);
  }
  LinkNumber first, second, other;
};

TEST(PoolFaults, AgainIsElsewhereIfThereIsAnElsewhere) {
  TwoConnections bench;
  bench.ask(1);
  bench.turn();
  const bool on_second = !bench.sent(bench.second).empty();
  bench.pool.ended(on_second ? bench.second : bench.first, UpstreamFault::closed, {}, bench.now);
  bench.turn();
  EXPECT_EQ(bench.sent(bench.other).size(), 1U);
}

// All on one they could be lost together a second and a third time.
TEST(PoolFaults, WhatAConnectionLostIsDividedAmongTheOthers) {
  Bench bench(1);
  std::vector<LinkNumber> links{bench.establish(0)};
  ipc::Ticket ticket = 0;
  while (links.size() < 3) {
    for (std::size_t i = 0; i < kSpreadInFlight; ++i) bench.ask(++ticket);
    bench.turn();
    links.push_back(bench.establish(0));
  }
  for (const LinkNumber link : links) bench.reply_to_all(link);
  bench.world.records.clear();
  for (int i = 0; i < 10; ++i) bench.ask(++ticket);
  bench.turn();
  const auto shared =
      std::ranges::find_if(links, [&](LinkNumber link) { return bench.sent(link).size() == 10; });
  ASSERT_NE(shared, links.end());
  const LinkNumber lost = *shared;
  bench.pool.ended(lost, UpstreamFault::closed, {}, bench.now);
  bench.turn();
  for (const LinkNumber link : links) {
    if (link == lost) continue;
    EXPECT_EQ(bench.sent(link).size(), 5U);
  }
}

TEST(PoolFaults, AnotherConnectionIsNoNews) {
  const TwoConnections bench;
  EXPECT_EQ(bench.world.ups, (std::vector<std::uint8_t>{0, 1}));
}

TEST(PoolFaults, AnUpstreamWithAConnectionIsNotDownWhenAnotherOneFails) {
  Bench bench(1);
  bench.establish(0);
  for (ipc::Ticket t = 0; t < kSpreadInFlight; ++t) bench.ask(t);
  ASSERT_EQ(bench.requests(0), 2U);
  bench.refuse(0);
  EXPECT_TRUE(bench.world.downs.empty());
  bench.ask(1);
  EXPECT_EQ(bench.requests(0), 2U);  // but it is in back-off
}

TEST(PoolFaults, AnAnswerEndsTheBackoff) {
  Bench bench(1);
  while (bench.requests(0) < 6) bench.pass_refused(1s, 0, UpstreamFault::refused);
  while (!bench.pool.server_of_opening(bench.requested(0))) bench.pass(100ms);
  const LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.turn();
  bench.reply_to_all(link);
  bench.ask(2);
  bench.turn();
  bench.pool.ended(link, UpstreamFault::tls_record, {}, bench.now);
  const std::size_t before = bench.requests(0);
  bench.pass(kFirstBackoff + kTick);
  EXPECT_EQ(bench.requests(0), before + 1);
}

TEST(PoolFaults, AnAnswerMakesSilenceNewAgain) {
  Bench bench(1);
  for (int i = 0; i < 3; ++i) {
    const LinkNumber link = bench.establish(0);
    bench.ask(1, 1, 20'000);
    bench.turn();
    bench.reply_to_all(link);  // what was moved here, and this
    bench.ask(2, 1, 20'000);
    bench.turn();
    bench.pass(kSilenceMost + 100ms);
    EXPECT_TRUE(bench.world.is_closed(link));
  }
  EXPECT_TRUE(bench.world.downs.empty());
}

}  // namespace
}  // namespace dotkeep::upstream
