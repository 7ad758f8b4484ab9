// What an answer costs in octets, and who stays when more comes than fits.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "tests/cache/cache_help.h"

namespace dotkeep::cache {
namespace {

using testing::Kitchen;
using testing::kStart;

dns::Question numbered(std::uint64_t number) {
  return testing::question("host" + std::to_string(number) + ".example.com");
}

// Answers with one address, as an upstream gives them, put in as fast as can be.
class Stock {
 public:
  explicit Stock(Kitchen& kitchen) : kitchen_(kitchen) {}

  void put(std::uint64_t number, Seconds now = kStart) {
    const dns::Question question = numbered(number);
    Writer out(record_);
    out.octets(question.name.wire());
    out.u16(static_cast<std::uint16_t>(dns::Type::A));
    out.u32(86400);
    out.u16(4);
    out.u32(static_cast<std::uint32_t>(number));
    dns::Reply reply;
    reply.answers = 1;
    reply.packed = out.written();
    const Packed packed = kitchen_.packer.pack(question, reply, kitchen_.limits).value();
    kitchen_.cache.store({question, false, false}, packed, now);
  }
  bool has(std::uint64_t number, Seconds now = kStart) {
    return kitchen_.cache.find({numbered(number), false, false}, Moment(now)).state == State::fresh;
  }

 private:
  Kitchen& kitchen_;
  std::array<std::uint8_t, 512> record_{};
};

TEST(Memory, OfAMillionSmallAnswers) {
#ifdef DOTKEEP_SANITIZER_OVERLAY
  constexpr std::uint64_t kAnswers = 100'000;
#else
  constexpr std::uint64_t kAnswers = 1'000'000;
#endif
  Kitchen kitchen(160 * kAnswers);
  EXPECT_LE(kitchen.cache.store().memory(), 160 * kAnswers);
  EXPECT_GT(kitchen.cache.store().memory(), 159 * kAnswers);
  Stock stock(kitchen);
  for (std::uint64_t i = 0; i < kAnswers; ++i) stock.put(i);
  const Store& store = kitchen.cache.store();
  EXPECT_EQ(store.entries(), kAnswers);
  EXPECT_EQ(store.evictions(), 0U);
  for (std::uint64_t i = 0; i < kAnswers; i += 997) EXPECT_TRUE(stock.has(i));
  // Cells, and for each two of them a bucket and a ghost.
  const double each = static_cast<double>(store.used()) / kAnswers * (128 + 8) / 128;
  std::printf("%zu answers in %zu octets: %.1f octets each, the index included\n", store.entries(),
              store.used() + store.used() / 128 * 8, each);
  EXPECT_LE(each, 160);
}

TEST(Memory, IsNeverMoreThanWasGiven) {
  for (const std::size_t octets : {0UL, 1UL, 135UL, 136UL, 4096UL, 99'999UL}) {
    Kitchen kitchen(octets);
    EXPECT_LE(kitchen.cache.store().memory(), octets);
    Stock stock(kitchen);
    for (std::uint64_t i = 0; i < 2000; ++i) {
      stock.put(i);
      EXPECT_LE(kitchen.cache.store().used(), octets);
    }
  }
}

// Popular names under Zipf's law; of names that nobody asks for twice, ten for each of theirs.
TEST(Flood, LeavesWhatIsPopular) {
  constexpr std::size_t kNames = 40'000;
  constexpr std::size_t kFits = 20'000;
  std::vector<double> weights(kNames);
  for (std::size_t i = 0; i < kNames; ++i) weights[i] = 1 / std::pow(i + 1, 0.9);
  std::discrete_distribution<std::uint64_t> zipf(weights.begin(), weights.end());
  std::mt19937_64 random(5);  // NOLINT(*-msc51-cpp)
  Kitchen kitchen(kFits * 136);
  Stock stock(kitchen);
  std::uint64_t unique = kNames;
  const auto hit_rate = [&](int queries, int flood) {
    int hits = 0;
    for (int i = 0; i < queries; ++i) {
      const std::uint64_t name = zipf(random);
      if (stock.has(name)) {
        ++hits;
      } else {
        stock.put(name);
      }
      for (int j = 0; j < flood; ++j) stock.put(unique++);
    }
    return static_cast<double>(hits) / queries;
  };
  hit_rate(200'000, 0);
  const double before = hit_rate(100'000, 0);
  hit_rate(20'000, 10);
  const double during = hit_rate(50'000, 10);
  hit_rate(20'000, 0);
  const double after = hit_rate(100'000, 0);
  std::printf(
      "hit rate of Zipf names: %.3f before, %.3f during a flood of ten times as many, %.3f after\n",
      before, during, after);
  EXPECT_GT(during, 0.8 * before);
  EXPECT_GT(after, 0.97 * before);
}

// An eviction costs no more than a look-up: nothing is swept.
TEST(Flood, DoesNotSlowDownWhileItEvicts) {
  constexpr std::uint64_t kAnswers = 200'000;
  Kitchen kitchen(kAnswers * 136);
  Stock stock(kitchen);
  std::uint64_t next = 0;
  const auto seconds_for = [&](std::uint64_t count) {
    const auto began = std::chrono::steady_clock::now();
    for (const std::uint64_t end = next + count; next < end; ++next) stock.put(next);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  const double filling = seconds_for(kAnswers - 1000);
  EXPECT_EQ(kitchen.cache.store().evictions(), 0U);
  seconds_for(kAnswers);
  const double evicting = seconds_for(kAnswers - 1000);
  EXPECT_GT(kitchen.cache.store().evictions(), kAnswers);
  std::printf("%.0f ns to store while there is room, %.0f ns while each evicts another\n",
              filling / (kAnswers - 1000) * 1e9, evicting / (kAnswers - 1000) * 1e9);
  EXPECT_LT(evicting, 3 * filling);  // the machine has other work
}

}  // namespace
}  // namespace dotkeep::cache
