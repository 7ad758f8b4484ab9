// The parts that decide one thing each: back-off, latency, choice, time of queries.
#include <gtest/gtest.h>

#include <set>

#include "upstream/backoff.h"
#include "upstream/choice.h"
#include "upstream/deadlines.h"
#include "upstream/fault.h"
#include "upstream/latency.h"

namespace dotkeep::upstream {
namespace {

using namespace std::chrono_literals;
using config::Select;

constexpr Time kStart = Time{} + std::chrono::hours(5);

TEST(Backoff, DoublesToItsBoundAndOneSuccessEndsIt) {
  Backoff backoff;
  EXPECT_TRUE(backoff.may_try(kStart));
  for (const Duration expected : {250ms, 500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16000ms}) {
    backoff.fail(kStart, 0);
    EXPECT_EQ(backoff.until() - kStart, expected);
  }
  for (int i = 0; i < 100; ++i) {
    backoff.fail(kStart, 0);
    EXPECT_EQ(backoff.until() - kStart, 30s);
  }
  EXPECT_FALSE(backoff.may_try(kStart + 30s - 1ns));
  EXPECT_TRUE(backoff.may_try(kStart + 30s));
  backoff.succeed();
  EXPECT_TRUE(backoff.may_try(kStart));
  backoff.fail(kStart, 0);
  EXPECT_EQ(backoff.until() - kStart, 250ms);
}

TEST(Backoff, JitterShortensByAQuarterAtMost) {
  std::set<Duration> seen;
  for (std::uint64_t draw = 0; draw < 1000; ++draw) {
    Backoff backoff;
    backoff.fail(kStart, draw);
    const Duration wait = backoff.until() - kStart;
    EXPECT_LE(wait, 250ms);
    EXPECT_GT(wait, 250ms * 3 / 4 - 1ms);
    seen.insert(wait);
  }
  EXPECT_GT(seen.size(), 200U);
}

TEST(Backoff, BeingConnectedToLetsItBeUsedButForgivesNothing) {
  Backoff backoff;
  backoff.fail(kStart, 0);
  backoff.connected();
  EXPECT_TRUE(backoff.may_try(kStart));
  backoff.fail(kStart, 0);
  EXPECT_EQ(backoff.until() - kStart, 500ms);
}

TEST(Latency, FollowsWhatIsSeen) {
  Latency latency;
  EXPECT_FALSE(latency.known());
  latency.observe(80ms);
  EXPECT_EQ(latency.mean(), 80ms);
  latency.observe(160ms);
  EXPECT_EQ(latency.mean(), 90ms);
  latency.guess(1ms);
  EXPECT_EQ(latency.mean(), 90ms);
  latency.at_least(1s);
  EXPECT_EQ(latency.mean(), 1s);
  latency.observe(200ms);
  EXPECT_EQ(latency.mean(), 900ms);
}

TEST(Choice, OrderedTakesTheFirst) {
  const std::array<Candidate, 2> candidates = {{{3, 50ms}, {5, 1ms}}};
  EXPECT_EQ(choose(Select::ordered, candidates, 3, 77), 0U);
}

TEST(Choice, RoundRobinTakesTheNextAndWraps) {
  const std::array<Candidate, 3> candidates = {{{1, 1ms}, {4, 1ms}, {9, 1ms}}};
  EXPECT_EQ(choose(Select::round_robin, candidates, 255, 0), 0U);
  EXPECT_EQ(choose(Select::round_robin, candidates, 0, 0), 0U);
  EXPECT_EQ(choose(Select::round_robin, candidates, 1, 0), 1U);
  EXPECT_EQ(choose(Select::round_robin, candidates, 5, 0), 2U);
  EXPECT_EQ(choose(Select::round_robin, candidates, 9, 0), 0U);
}

TEST(Choice, FastestOfTwoUnlessItExplores) {
  const std::array<Candidate, 2> candidates = {{{0, 50ms}, {1, 5ms}}};
  std::size_t slow = 0;
  constexpr std::uint64_t kDraws = kExploreOneIn * 200;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    if (choose(Select::fastest, candidates, 0, draw) == 0) ++slow;
  }
  EXPECT_EQ(slow, 100U);  // half of the explorations
}

TEST(Choice, TheSlowestOfManyIsOnlyExplored) {
  const std::array<Candidate, 4> candidates = {{{0, 5ms}, {1, 9ms}, {2, 80ms}, {3, 7ms}}};
  std::array<std::size_t, 4> chosen{};
  constexpr std::uint64_t kDraws = kExploreOneIn * 12 * 100;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    ++chosen[choose(Select::fastest, candidates, 0, draw)];
  }
  EXPECT_EQ(chosen[2], kDraws / kExploreOneIn / 4);
  EXPECT_GT(chosen[0], chosen[3]);
  EXPECT_GT(chosen[3], chosen[1]);
  EXPECT_GT(chosen[1], chosen[2]);
}

TEST(Choice, RandomByWeight) {
  const std::array<Candidate, 3> candidates = {{{0, 5ms, 1}, {1, 9ms, 3}, {2, 1ms, 6}}};
  std::array<std::size_t, 3> chosen{};
  for (std::uint64_t draw = 0; draw < 1000; ++draw) {
    ++chosen[choose(Select::random, candidates, 0, draw)];
  }
  EXPECT_EQ(chosen, (std::array<std::size_t, 3>{100, 300, 600}));
}

TEST(Choice, ByNameOnlyTheNamesOfWhoLeavesMove) {
  const std::array<Candidate, 3> all = {{{0, 5ms, 1}, {1, 9ms, 1}, {2, 1ms, 2}}};
  const std::array<Candidate, 2> two = {all[0], all[2]};
  std::array<std::size_t, 3> chosen{};
  for (std::uint64_t name = 0; name < 4000; ++name) {
    const std::size_t of_all = choose(Select::hash, all, 0, name);
    ++chosen[of_all];
    const std::uint8_t of_two = two[choose(Select::hash, two, 0, name)].server;
    if (of_all != 1) {
      EXPECT_EQ(of_two, all[of_all].server);
    }
  }
  EXPECT_NEAR(static_cast<double>(chosen[0]), 1000, 150);
  EXPECT_NEAR(static_cast<double>(chosen[1]), 1000, 150);
  EXPECT_NEAR(static_cast<double>(chosen[2]), 2000, 150);
}

TEST(Latency, WhatNineteenOfTwentyDoNotExceed) {
  Latency latency;
  for (int i = 0; i < 20000; ++i) latency.observe(i % 10 == 9 ? 200ms : 10ms);
  EXPECT_GT(latency.most(), 150ms);
  EXPECT_LT(latency.most(), 260ms);
  for (int i = 0; i < 20000; ++i) latency.observe(i % 100 == 9 ? 200ms : 10ms);
  EXPECT_LT(latency.most(), 20ms);
  EXPECT_GE(latency.most(), 9ms);
}

TEST(Choice, UnknownIsSlowerThanKnown) {
  const std::array<Candidate, 2> candidates = {{{0, 0ms}, {1, 900ms}}};
  for (std::uint64_t draw = 1; draw < kExploreOneIn; ++draw) {
    EXPECT_EQ(choose(Select::fastest, candidates, 0, draw), 1U);
  }
}

class DeadlinesTest : public testing::Test {
 protected:
  QueryNumber add(Duration in) {
    const QueryNumber number = queries.take();
    queries[number].deadline = kStart + in;
    deadlines.add(number);
    return number;
  }
  Queries queries{100};
  Deadlines deadlines{queries, kStart};
};

TEST_F(DeadlinesTest, ExpireInTimeAndNotBefore) {
  for (const Duration in : {0ms, 1ms, 100ms, 4999ms, 5000ms, 60000ms}) {
    const QueryNumber number = add(in);
    if (in > 0ms) {
      EXPECT_EQ(deadlines.take_expired(kStart + in - 1ns), kNoQuery) << in.count();
    }
    EXPECT_EQ(deadlines.take_expired(kStart + in + Deadlines::kGrain), number) << in.count();
    EXPECT_EQ(deadlines.take_expired(kStart + in + Deadlines::kGrain), kNoQuery);
    deadlines = Deadlines(queries, kStart);
  }
}

TEST_F(DeadlinesTest, RemovedOnesDoNotExpire) {
  const std::array<QueryNumber, 4> numbers = {add(50ms), add(50ms), add(50ms), add(70ms)};
  deadlines.remove(numbers[1]);  // in the middle
  deadlines.remove(numbers[2]);  // the newest
  std::set<QueryNumber> expired;
  for (auto n = deadlines.take_expired(kStart + 1s); n != kNoQuery;
       n = deadlines.take_expired(kStart + 1s)) {
    EXPECT_TRUE(expired.insert(n).second);
  }
  EXPECT_EQ(expired, (std::set<QueryNumber>{numbers[0], numbers[3]}));
}

TEST_F(DeadlinesTest, AfterALongPauseAllAreFound) {
  const QueryNumber early = add(1ms);
  const QueryNumber late = add(59s);
  std::set<QueryNumber> expired;
  const Time later = kStart + std::chrono::hours(3);
  for (auto n = deadlines.take_expired(later); n != kNoQuery; n = deadlines.take_expired(later)) {
    expired.insert(n);
  }
  EXPECT_EQ(expired, (std::set<QueryNumber>{early, late}));
}

TEST_F(DeadlinesTest, ADeadlineThatHasPassedIsNotLost) {
  EXPECT_EQ(deadlines.take_expired(kStart + 10s), kNoQuery);
  const QueryNumber number = add(1s);
  EXPECT_EQ(deadlines.take_expired(kStart + 10s + Deadlines::kGrain), number);
}

TEST(Fault, EveryTlsFaultHasItsOwn) {
  std::set<UpstreamFault> seen;
  for (int kind = 1; kind <= static_cast<int>(tls::FaultKind::resources); ++kind) {
    EXPECT_TRUE(seen.insert(fault_of(static_cast<tls::FaultKind>(kind))).second) << kind;
  }
  EXPECT_EQ(fault_of(tls::FaultKind::pin_mismatch), UpstreamFault::pin_mismatch);
  EXPECT_EQ(fault_of_errno(ECONNREFUSED), UpstreamFault::refused);
  EXPECT_EQ(fault_of_errno(EHOSTUNREACH), UpstreamFault::unreachable);
  EXPECT_EQ(fault_of_errno(ETIMEDOUT), UpstreamFault::connect_time_out);
  EXPECT_EQ(fault_of_errno(EINVAL), UpstreamFault::connect_failed);
  EXPECT_EQ(fault_of_errno(0), UpstreamFault::overloaded);
}

// Any number may come over the connector's wall.
TEST(Faults, EveryErrorNumberHasWords) {
  EXPECT_EQ(words_of_errno(ECONNREFUSED), "Connection refused");
  for (const int error : {-1, 41, 99'999, INT_MAX}) {
    EXPECT_EQ(words_of_errno(error), "unknown error");
  }
}

}  // namespace
}  // namespace dotkeep::upstream
