#include "upstream/in_flight.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace dotkeep::upstream {
namespace {

TEST(InFlight, AnIdLeadsToItsQueryOnce) {
  Random random;
  InFlight table;
  std::map<std::uint16_t, std::uint32_t> asked;
  for (std::uint32_t query = 0; query < kMaxInFlight; ++query) {
    EXPECT_FALSE(table.full());
    EXPECT_TRUE(asked.emplace(table.add(query, random), query).second);
  }
  EXPECT_TRUE(table.full());
  EXPECT_EQ(table.live(), kMaxInFlight);
  for (const auto& [id, query] : asked) {
    EXPECT_EQ(table.take(id), query);
    EXPECT_EQ(table.take(id), std::nullopt);
  }
  EXPECT_EQ(table.live(), 0U);
}

TEST(InFlight, AnAbandonedIdIsNotGivenOutAgain) {
  Random random;
  InFlight table;
  const std::uint16_t id = table.add(7, random);
  table.abandon(id);
  table.abandon(id);
  EXPECT_EQ(table.live(), 0U);
  EXPECT_EQ(table.abandoned(), 1U);
  // More draws than there are ids: it would have come up.
  for (int i = 0; i < 400'000; ++i) {
    const std::uint16_t other = table.add(1, random);
    ASSERT_NE(other, id);
    ASSERT_EQ(table.take(other), 1U);
  }
  EXPECT_EQ(table.take(id), InFlight::kAbandoned);
  EXPECT_EQ(table.abandoned(), 0U);
}

TEST(InFlight, IdsThatWereNotAskedAreUnknown) {
  Random random;
  InFlight table;
  const std::uint16_t id = table.add(1, random);
  for (std::uint32_t other = 0; other < 65536; ++other) {
    if (other != id) {
      EXPECT_EQ(table.take(static_cast<std::uint16_t>(other)), std::nullopt);
    }
  }
  table.abandon(static_cast<std::uint16_t>(id + 1));
  EXPECT_EQ(table.abandoned(), 0U);
}

// Against a plain map, through many thousand steps: what closing gaps could get wrong.
TEST(InFlight, AgreesWithAMap) {
  Random random;
  InFlight table;
  std::map<std::uint16_t, std::uint32_t> model;
  for (std::uint32_t step = 0; step < 200'000; ++step) {
    const std::uint64_t draw = random.below(3);
    if (draw == 0 || model.empty()) {
      if (table.full()) continue;
      const std::uint16_t id = table.add(step, random);
      ASSERT_FALSE(model.contains(id));
      model[id] = step;
      continue;
    }
    auto which = model.lower_bound(random.u16());
    if (which == model.end()) which = model.begin();
    if (draw == 1 && table.abandoned() < kMaxAbandoned) {
      table.abandon(which->first);
      which->second = InFlight::kAbandoned;
    } else {
      ASSERT_EQ(table.take(which->first), which->second);
      model.erase(which);
    }
  }
  std::size_t live = 0;
  table.for_each([&](std::uint32_t) { ++live; });
  EXPECT_EQ(live, table.live());
  EXPECT_EQ(live + table.abandoned(), model.size());
  for (const auto& [id, query] : model) ASSERT_EQ(table.take(id), query);
}

TEST(InFlight, ClearForgetsAll) {
  Random random;
  InFlight table;
  const std::uint16_t id = table.add(1, random);
  table.abandon(table.add(2, random));
  table.clear();
  EXPECT_EQ(table.take(id), std::nullopt);
  EXPECT_EQ(table.live() + table.abandoned(), 0U);
}

}  // namespace
}  // namespace dotkeep::upstream
