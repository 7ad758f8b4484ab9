// What the sketch promises of any stream: counts bracket the truth, and nobody heavy is missing.
#include "frontend/refused_sketch.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

namespace dotkeep::frontend {
namespace {

IpAddress v4(std::uint32_t network, std::uint8_t host) {
  return {4,
          {static_cast<std::uint8_t>(network >> 16), static_cast<std::uint8_t>(network >> 8),
           static_cast<std::uint8_t>(network), host}};
}

TEST(RefusedSketch, BracketsTheTruthAndMissesNobodyHeavy) {
  auto page = std::make_unique<ipc::CounterPage>();
  RefusedSketch sketch(*page);
  std::mt19937 random(1);
  std::map<std::uint32_t, std::uint64_t> truth;
  constexpr std::uint64_t kRefusals = 100'000;
  for (std::uint64_t i = 0; i < kRefusals; ++i) {
    // Three are heavy, half of all are spread over a million networks.
    const auto network = static_cast<std::uint32_t>(
        random() % 2 == 0 ? 0x0a0000 + random() % 3 : 0x100000 + random() % 1'000'000);
    ++truth[network];
    sketch.count(v4(network, static_cast<std::uint8_t>(random())));
  }
  std::map<std::uint32_t, ipc::RefusedPrefix> found;
  for (const ipc::RefusedPrefix& entry : page->refused) {
    ASSERT_EQ(entry.family, 4);
    ASSERT_EQ(entry.length, 24);
    ASSERT_EQ(entry.address[3], 0) << "a host's own octet is nobody's to see";
    const std::uint32_t network = static_cast<std::uint32_t>(entry.address[0]) << 16 |
                                  static_cast<std::uint32_t>(entry.address[1]) << 8 |
                                  entry.address[2];
    EXPECT_LE(truth[network], entry.count);
    EXPECT_GE(truth[network], entry.count - entry.error);
    found[network] = entry;
  }
  for (const auto& [network, count] : truth) {
    if (count > kRefusals / ipc::kRefusedPrefixes) {
      EXPECT_TRUE(found.contains(network)) << network;
    }
  }
  EXPECT_EQ(found.count(0x0a0000) + found.count(0x0a0001) + found.count(0x0a0002), 3U);
  EXPECT_EQ(page->refused_version % 2, 0U);
}

TEST(RefusedSketch, FamiliesAreApart) {
  auto page = std::make_unique<ipc::CounterPage>();
  RefusedSketch sketch(*page);
  sketch.count({4, {0x20, 1, 0xd}});
  sketch.count({6, {0x20, 1, 0xd}});
  EXPECT_EQ(page->refused[0].count, 1U);
  EXPECT_EQ(page->refused[1].count, 1U);
  EXPECT_EQ(page->refused[1].length, 48);
}

// A frontend that was killed within a change must not turn odd and even around for good.
TEST(RefusedSketch, IsReadableAgainAfterADeathWithinAChange) {
  auto page = std::make_unique<ipc::CounterPage>();
  page->refused_version = 7;
  RefusedSketch sketch(*page);
  EXPECT_EQ(page->refused_version % 2, 0U);
  sketch.count({4, {10, 0, 0, 1}});
  EXPECT_EQ(page->refused_version, 10U);
}

}  // namespace
}  // namespace dotkeep::frontend
