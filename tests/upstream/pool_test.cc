// Queries and their answers, while all goes well.
#include <gtest/gtest.h>

#include <set>

#include "tests/upstream/fake_world.h"

namespace dotkeep::upstream {
namespace {

using config::Select;

TEST(Pool, AsksForOneConnectionToEachUpstreamAtStart) {
  const Bench bench(3);
  ASSERT_EQ(bench.world.requests.size(), 3U);
  for (std::uint8_t i = 0; i < 3; ++i) EXPECT_EQ(bench.world.requests[i].server, i);
}

TEST(Pool, AnAnswerCarriesTheAskersIdTicketAndFrontend) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(77, 1, 5000, 3);
  bench.turn();
  const auto sent = bench.sent(link);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].message.size(), Bench::kQuerySize);
  EXPECT_EQ(sent[0].message[12], 77);
  bench.reply(link, sent[0].id);
  ASSERT_EQ(bench.world.answers.size(), 1U);
  const auto& answer = bench.world.answers[0];
  EXPECT_EQ(answer.frontend, 3);
  EXPECT_EQ(answer.ticket, 77U);
  EXPECT_EQ(answer.upstream, 0);
  EXPECT_EQ(answer.connection, link);
  EXPECT_EQ(answer.reply[0] << 8 | answer.reply[1], Bench::kAskersId);
  EXPECT_EQ(bench.pool.pending(), 0U);
}

TEST(Pool, IdsOnTheWireAreRandomAndDistinct) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  for (ipc::Ticket t = 0; t < 200; ++t) bench.ask(t);
  bench.turn();
  std::set<std::uint16_t> ids;
  for (const Sent& query : bench.sent(link)) ids.insert(query.id);
  EXPECT_EQ(ids.size(), 200U);
  EXPECT_GT(*ids.rbegin() - *ids.begin(), 40'000);
}

TEST(Pool, ATurnsQueriesLeaveInARecordEachByOneFlush) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  for (ipc::Ticket t = 0; t < 600; ++t) bench.ask(t);
  EXPECT_TRUE(bench.world.records[link].empty());
  bench.turn();
  EXPECT_EQ(bench.world.records[link].size(), 600U);
  for (const auto& record : bench.world.records[link])
    EXPECT_EQ(record.size(), Bench::kQuerySize + 2U);
  EXPECT_EQ(bench.world.flushes[link], 1);
  const auto sent = bench.sent(link);
  ASSERT_EQ(sent.size(), 600U);
  for (ipc::Ticket t = 0; t < 600; ++t) {
    EXPECT_EQ(sent[t].message[12] | sent[t].message[13] << 8, static_cast<int>(t));
  }
  bench.turn();
  EXPECT_EQ(bench.world.flushes[link], 1);
}

TEST(Pool, OnlyTheFirstQueryOfAConnectionOffersKeepalive) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.ask(2);
  bench.turn();
  bench.ask(3);
  bench.turn();
  const auto sent = bench.sent(link);
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0].message[Bench::kPaddingAt + 1], 11);
  EXPECT_EQ(sent[0].message.size(), Bench::kQuerySize);
  EXPECT_EQ(sent[1].message[Bench::kPaddingAt + 1], 12);
  EXPECT_EQ(sent[2].message[Bench::kPaddingAt + 1], 12);
  // A query that is asked again elsewhere is as it was.
  bench.pool.ended(link, UpstreamFault::closed, {}, bench.now);
  const LinkNumber fresh = bench.establish(0);
  bench.turn();
  const auto again = bench.sent(fresh);
  ASSERT_EQ(again.size(), 3U);
  EXPECT_EQ(std::ranges::count_if(
                again, [](const Sent& s) { return s.message[Bench::kPaddingAt + 1] == 11; }),
            1);
}

TEST(Pool, AnswersComeInAnyOrderAndAnyPieces) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  for (ipc::Ticket t = 0; t < 3; ++t) bench.ask(t);
  bench.turn();
  const auto sent = bench.sent(link);
  std::vector<std::uint8_t> stream;
  for (const std::size_t i : {2U, 0U, 1U}) {
    stream.insert(stream.end(), {0, 12, static_cast<std::uint8_t>(sent[i].id >> 8),
                                 static_cast<std::uint8_t>(sent[i].id)});
    stream.insert(stream.end(), 10, 0);
  }
  for (std::uint8_t& octet : stream) bench.pool.received(link, {&octet, 1}, bench.now);
  ASSERT_EQ(bench.world.answers.size(), 3U);
  EXPECT_EQ(bench.world.answers[0].ticket, 2U);
  EXPECT_EQ(bench.world.answers[1].ticket, 0U);
  EXPECT_EQ(bench.world.answers[2].ticket, 1U);
}

TEST(Pool, QueriesWaitForTheFirstConnection) {
  Bench bench(1);
  bench.ask(1);
  bench.turn();
  EXPECT_TRUE(bench.world.records.empty());
  EXPECT_EQ(bench.requests(0), 1U);
  const LinkNumber link = bench.establish(0);
  bench.turn();
  EXPECT_EQ(bench.sent(link).size(), 1U);
}

TEST(Pool, WhoeverIsUpFirstServesTheWaiting) {
  Bench bench(2);
  bench.ask(1);
  bench.ask(2, 0b01);  // may only be asked of the other
  const LinkNumber link = bench.establish(1);
  bench.turn();
  ASSERT_EQ(bench.sent(link).size(), 1U);
  EXPECT_EQ(bench.sent(link)[0].message[12], 1);
}

TEST(Pool, OnlyAllowedUpstreamsAreAsked) {
  Bench bench(3);
  for (std::uint8_t i = 0; i < 3; ++i) bench.establish(i);
  for (ipc::Ticket t = 0; t < 50; ++t) bench.ask(t, 0b100);
  bench.turn();
  EXPECT_EQ(bench.sent(bench.requested(2)).size(), 50U);
  // A number beyond the table is nobody's, and nobody else is asked instead.
  bench.ask(99, std::uint64_t{1} << 40);
  bench.turn();
  EXPECT_TRUE(bench.sent(bench.requested(0)).empty());
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::reloaded);
}

TEST(Pool, RoundRobinTakesTurns) {
  Bench bench(3, Select::round_robin);
  for (std::uint8_t i = 0; i < 3; ++i) bench.establish(i);
  for (ipc::Ticket t = 0; t < 30; ++t) bench.ask(t);
  bench.turn();
  for (std::uint8_t i = 0; i < 3; ++i) EXPECT_EQ(bench.sent(bench.requested(i)).size(), 10U);
}

TEST(Pool, FastestPrefersWhoAnswersSooner) {
  Bench bench(2, Select::fastest);
  const LinkNumber slow = bench.establish(0);
  const LinkNumber fast = bench.establish(1);
  bench.ask(1, 0b01);
  bench.ask(2, 0b10);
  bench.turn();
  bench.now += 5ms;
  bench.reply_to_all(fast);
  bench.now += 95ms;
  bench.reply_to_all(slow);
  for (ipc::Ticket t = 0; t < 1000; ++t) bench.ask(t);
  bench.turn();
  EXPECT_GT(bench.sent(fast).size(), 900U);
  EXPECT_LT(bench.sent(slow).size(), 60U);
}

TEST(Pool, ManyInFlightOpenAnotherConnection) {
  Bench bench(1);
  const LinkNumber first = bench.establish(0);
  for (ipc::Ticket t = 0; t < kSpreadInFlight - 1; ++t) bench.ask(t);
  EXPECT_EQ(bench.requests(0), 1U);
  bench.ask(1000);
  EXPECT_EQ(bench.requests(0), 2U);
  bench.ask(1001);
  EXPECT_EQ(bench.requests(0), 2U);  // one at a time
  const LinkNumber second = bench.establish(0);
  for (ipc::Ticket t = 0; t < 50; ++t) bench.ask(t);
  bench.turn();
  EXPECT_EQ(bench.sent(first).size(), kSpreadInFlight + 1);
  EXPECT_EQ(bench.sent(second).size(), 50U);
}

TEST(Pool, BeyondWhatItsConnectionsTakeAQueryWaitsForRoom) {
  Bench bench(1);
  bench.establish(0);
  for (ipc::Ticket t = 0; t < kMaxConnections * kMaxInFlight; ++t) {
    if (bench.pool.server_of_opening(bench.requested(0))) bench.establish(0);
    bench.ask(t);
  }
  EXPECT_EQ(bench.requests(0), kMaxConnections);
  EXPECT_TRUE(bench.world.failures.empty());
  bench.ask(9999);
  bench.turn();
  EXPECT_TRUE(bench.world.failures.empty());
  EXPECT_EQ(bench.requests(0), kMaxConnections);
  const LinkNumber link = bench.requested(0);
  const std::size_t before = bench.sent(link).size();
  bench.reply(link, bench.sent(link)[0].id);
  bench.turn();
  EXPECT_EQ(bench.sent(link).size(), before + 1);
}

TEST(Pool, PendingQueriesAreBounded) {
  Bench bench(1, Select::ordered, 10);
  for (ipc::Ticket t = 0; t < 10; ++t) bench.ask(t);
  EXPECT_TRUE(bench.world.failures.empty());
  bench.ask(10);
  ASSERT_EQ(bench.world.failures.size(), 1U);
  EXPECT_EQ(bench.world.failures[0].failure.ticket, 10U);
  EXPECT_EQ(bench.world.failures[0].failure.fault, UpstreamFault::overloaded);
}

TEST(Pool, AFrontendThatIsGoneGetsNothing) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(1, 1, 5000, 0);
  bench.ask(2, 1, 5000, 1);
  bench.turn();
  bench.ask(3, 1, 5000, 0);  // not sent yet
  bench.pool.drop_frontend(0);
  EXPECT_EQ(bench.pool.pending(), 1U);
  bench.turn();
  EXPECT_EQ(bench.sent(link).size(), 2U);
  bench.reply_to_all(link);
  ASSERT_EQ(bench.world.answers.size(), 1U);
  EXPECT_EQ(bench.world.answers[0].ticket, 2U);
  EXPECT_FALSE(bench.world.is_closed(link));  // the late answer was no stranger
}

}  // namespace
}  // namespace dotkeep::upstream
