// A million spoofed sources flood, and honest clients ask beside them: how many are harmed.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "admission/rate.h"
#include "tests/admission/helpers.h"

namespace dotkeep::admission {
namespace {

struct Harm {
  int clients = 0;  // of kHonest, who were refused at least once
  int refused = 0;  // of their queries
  int asked = 0;
};

constexpr int kHonest = 1000;
constexpr std::uint32_t kSources = 1'000'000;

// `per_second` forged queries a second for a second of time, each from one of `sources`; each
// honest client asks 20 times within it. Sources and clients are spread over all of IPv4.
Harm simulate(std::uint32_t per_second, std::uint32_t sources, const Settings& settings) {
  Memory memory;  // as large as it is in production
  RateLimiter limiter(memory.words, kKey, settings);
  std::mt19937 random(3);
  std::vector<std::uint32_t> honest(kHonest);
  for (std::uint32_t& client : honest) client = static_cast<std::uint32_t>(random());
  const auto step = std::chrono::nanoseconds(1'000'000'000 / per_second);
  const std::uint32_t each = per_second / (20 * kHonest);
  std::vector<int> refusals(kHonest);
  Harm harm;
  for (std::uint32_t i = 0; i < per_second; ++i) {
    const Time now = kStart + i * step;
    const std::uint32_t forged = (static_cast<std::uint32_t>(random()) % sources) * 2654435761U;
    static_cast<void>(limiter.query(ip4(forged), false, now));
    if (i % each != 0) continue;
    const std::size_t who = i / each % kHonest;
    ++harm.asked;
    if (limiter.query(ip4(honest[who]), false, now)) {
      ++harm.refused;
      ++refusals[who];
    }
  }
  for (const int refused : refusals) harm.clients += refused != 0 ? 1 : 0;
  return harm;
}

TEST(FloodSimulation, HonestClientsAreServed) {
  Settings settings;
  std::printf("forged/s   sources     honest queries refused   honest clients harmed\n");
  for (const std::uint32_t per_second : {200'000U, 1'000'000U}) {
    for (const std::uint32_t sources : {1000U, 100'000U, kSources}) {
      const Harm harm = simulate(per_second, sources, settings);
      std::printf("%8u  %8u  %12d of %d  %14d of %d\n", per_second, sources, harm.refused,
                  harm.asked, harm.clients, kHonest);
      EXPECT_EQ(harm.refused, 0);
    }
  }
  // At a slow rate a forged query keeps its word for long, and many honest clients find one of
  // their places taken. What is left to them is half the rate, and that is what they ask.
  settings.rate = 40;
  settings.burst = 40;
  const Harm harm = simulate(1'000'000, kSources, settings);
  std::printf("%8u  %8u  %12d of %d  %14d of %d  (limits.rate = 40)\n", 1'000'000, kSources,
              harm.refused, harm.asked, harm.clients, kHonest);
  EXPECT_EQ(harm.clients, 0);
}

}  // namespace
}  // namespace dotkeep::admission
