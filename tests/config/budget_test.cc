#include "config/budget.h"

#include <gtest/gtest.h>

#include <limits>

#include "helpers.h"

namespace dotkeep::config {
namespace {

TEST(Budget, IsArithmeticOverTheLimits) {
  const Config config = parse_good(kGood).config;
  Costs costs;
  costs.frontend.fixed = 1000;
  costs.frontend.pending = 10;
  costs.frontend.tcp_client = 2;
  costs.upstream.pending = 1;
  costs.upstream.anchors = 7;
  const std::vector<Budget> all = budget(config, costs, 2);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[1].process, "frontend");
  EXPECT_EQ(all[1].copies, 2U);
  EXPECT_EQ(all[1].octets(), 1000U + 16384 / 2 * 10 + 4096 / 2 * 2);
  EXPECT_EQ(all[2].process, "upstream");
  EXPECT_EQ(all[2].octets(), 16384U + 7);
  EXPECT_EQ(all[4].process, "control");
  EXPECT_EQ(total(all), 2 * all[1].octets() + all[2].octets());
}

TEST(Budget, RoundsSharesUpAndCountsTheCacheOnlyWhereItIs) {
  const Config config = parse_good(kGood).config;
  Costs costs;
  costs.frontend.pending = 1;
  EXPECT_EQ(budget(config, costs, 3)[1].octets(), 5462U);
  costs.frontend.cache = true;
  EXPECT_EQ(budget(config, costs, 3)[1].octets(), 5462U + (64U << 20) / 3);
}

TEST(Budget, StaysAtTheMaximum) {
  const Config config = parse_good(kGood).config;
  Costs costs;
  costs.frontend.pending = costs.upstream.fixed = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(total(budget(config, costs, 1)), std::numeric_limits<std::uint64_t>::max());
}

}  // namespace
}  // namespace dotkeep::config
