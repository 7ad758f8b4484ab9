// The small parts beneath coalescing: lines of waiters, questions in flight, patience, refreshes.
#include "frontend/waiters.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "frontend/client_counts.h"
#include "frontend/patience.h"
#include "frontend/question_index.h"
#include "frontend/refresh_limit.h"

namespace dotkeep::frontend {
namespace {

dns::Query numbered(std::uint16_t id) {
  dns::Query query;
  query.id = id;
  return query;
}

std::vector<int> ids(Waiters& waiters, Waiters::Line& line) {
  std::vector<int> found;
  while (!line.empty()) {
    found.push_back(waiters.first(line).query.id);
    waiters.leave(line);
  }
  return found;
}

TEST(Waiters, StandInTheOrderInWhichTheyCame) {
  Waiters waiters(4);
  Waiters::Line one;
  Waiters::Line other;
  waiters.join(one, numbered(1), {});
  waiters.join(other, numbered(2), {});
  waiters.join(one, numbered(3), {});
  waiters.join(one, numbered(4), {});
  EXPECT_TRUE(waiters.full());
  EXPECT_EQ(one.count, 3U);
  waiters.move_first(one, other);
  waiters.move_first(one, one);
  EXPECT_EQ(ids(waiters, one), (std::vector{4, 3}));
  EXPECT_EQ(ids(waiters, other), (std::vector{2, 1}));
  EXPECT_EQ(waiters.size(), 0U);
  for (std::uint16_t i = 0; i < 4; ++i) waiters.join(one, numbered(i), {});
  EXPECT_TRUE(waiters.full());
  EXPECT_EQ(ids(waiters, one), (std::vector{0, 1, 2, 3}));
}

TEST(Waiters, KnowWhoMayBeAForgery) {
  Waiters waiters(3);
  Waiters::Line one;
  Waiters::Line other;
  waiters.join(one, numbered(1), {}, true);
  waiters.join(one, numbered(2), {});
  waiters.join(other, numbered(3), {}, true);
  EXPECT_EQ(waiters.doubtful(), 2U);
  waiters.move_first(one, other);
  EXPECT_EQ(one.doubtful, 0U);
  EXPECT_EQ(other.doubtful, 2U);
  EXPECT_EQ(ids(waiters, other), (std::vector{3, 1}));
  EXPECT_EQ(waiters.doubtful(), 0U);
  EXPECT_EQ(other.doubtful, 0U);
}

TEST(QuestionIndex, FindsWhatIsThere) {
  constexpr std::uint32_t kSlots = 50;
  QuestionIndex index(kSlots);
  std::map<std::uint32_t, std::string> there;
  std::minstd_rand random(1);
  for (int step = 0; step < 20'000; ++step) {
    const auto slot = static_cast<std::uint32_t>(random() % kSlots);
    const std::string key = "key" + std::to_string(random() % 80);
    const Octets octets(reinterpret_cast<const std::uint8_t*>(key.data()), key.size());
    const std::uint32_t found =
        index.find(octets, [&](std::uint32_t at) { return there.at(at) == key; });
    std::uint32_t expected = QuestionIndex::kNone;
    for (const auto& [at, its] : there) {
      if (its == key) expected = at;
    }
    ASSERT_EQ(found, expected);
    if (there.contains(slot)) {
      index.remove(slot);
      there.erase(slot);
    } else if (found == QuestionIndex::kNone) {
      index.add(octets, slot);
      there[slot] = key;
    }
  }
}

TEST(Patience, EndsInOrderAndHoldsSoMany) {
  const auto at = [](int ms) { return Time(std::chrono::milliseconds(ms)); };
  Patience patience(2);
  EXPECT_EQ(patience.next(), std::nullopt);
  EXPECT_TRUE(patience.add(7, at(10)));
  EXPECT_TRUE(patience.add(8, at(20)));
  EXPECT_FALSE(patience.add(9, at(30)));
  EXPECT_EQ(patience.take(at(9)), std::nullopt);
  EXPECT_EQ(patience.take(at(10)), 7U);
  EXPECT_EQ(patience.next(), at(20));
  EXPECT_TRUE(patience.add(9, at(30)));
  EXPECT_EQ(patience.take(at(99)), 8U);
  EXPECT_EQ(patience.take(at(99)), 9U);
  EXPECT_EQ(patience.take(at(99)), std::nullopt);
}

TEST(RefreshLimit, LetsABurstThroughAndThenARate) {
  RefreshLimit limit;
  Time now{std::chrono::seconds(100)};
  int allowed = 0;
  while (limit.allow(now)) ++allowed;
  EXPECT_EQ(allowed, RefreshLimit::kBurst + 1);
  for (int i = 0; i < 1000; ++i) {
    now += std::chrono::milliseconds(1);
    if (limit.allow(now)) ++allowed;
  }
  EXPECT_EQ(allowed, RefreshLimit::kBurst + 1 + 500);
}

TEST(ClientCounts, HoldsAnswersBackWithinATick) {
  ClientCounts counts(4, {});
  const IpAddress one{4, {192, 0, 2, 1}};
  const IpAddress other{4, {192, 0, 2, 2}};
  EXPECT_TRUE(counts.may_answer(one, 1, 0));  // nobody it would be held back for
  ASSERT_TRUE(counts.add(one, 9));
  ASSERT_TRUE(counts.add(other, 9));
  EXPECT_TRUE(counts.may_answer(one, 5, 2));
  EXPECT_TRUE(counts.may_answer(one, 5, 2));
  EXPECT_FALSE(counts.may_answer(one, 5, 2));
  EXPECT_TRUE(counts.may_answer(other, 5, 2));
  EXPECT_TRUE(counts.may_answer(one, 6, 2));
}

}  // namespace
}  // namespace dotkeep::frontend
