// Random steps against a simple model: the whole of what the cache does, eviction and time
// included. A million steps; ten with DOTKEEP_FULL=1.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

#include "fuzz/cache_model_run.h"

namespace dotkeep::cache {
namespace {

TEST(Model, IsNeverDifferent) {
  const bool full = std::getenv("DOTKEEP_FULL") != nullptr;
  const long steps = full ? 10'000'000 : 1'000'000;
  static const char* differs;
  differs = nullptr;
  const auto run = std::make_unique<model::Run>([](bool holds, const char* what) {
    if (!holds && differs == nullptr) differs = what;
  });
  std::mt19937 random(20261121);  // NOLINT(*-msc51-cpp): a failure must come again
  const auto next = [&](std::uint32_t below) {
    return static_cast<std::uint32_t>(random()) % below;
  };
  for (long step = 0; step < steps; ++step) {
    run->step(next);
    ASSERT_EQ(differs, nullptr) << differs << " at step " << step;
  }
  for (const std::uint64_t count : run->found) EXPECT_GT(count, steps / 1000);
  EXPECT_GT(run->evictions(), steps / 50);
  EXPECT_GT(run->refreshes, 100U);
  EXPECT_GT(run->restarts, 100U);
  std::printf("%ld steps: found none %lu, fresh %lu, failed %lu, stale %lu; %lu evictions\n", steps,
              run->found[0], run->found[1], run->found[2], run->found[3], run->evictions());
}

}  // namespace
}  // namespace dotkeep::cache
