// Buckets that processes share: exact together, apart from each other, kind when it is crowded.
#include "admission/rate_table.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <thread>

#include "base/shared_memory.h"
#include "tests/admission/helpers.h"

namespace dotkeep::admission {
namespace {

using Charge = RateTable::Charge;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

struct Table {
  explicit Table(std::size_t count = 4096) : words(count), table(words, kKey) {}
  std::vector<RateTable::Word> words;
  RateTable table;
};

std::array<std::uint8_t, 4> thing(std::uint32_t number) {
  return {static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
          static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

TEST(RateTable, LetsABurstThroughAndNotOneMore) {
  for (const std::uint64_t burst : {1U, 2U, 3U, 10U, 401U}) {
    Table t;
    const Limit limit = Limit::of(200, burst);
    const std::uint64_t bucket = t.table.bucket(0, thing(1));
    for (std::uint64_t i = 0; i < burst; ++i) {
      ASSERT_FALSE(t.table.exceeds(bucket, limit, kStart));
      ASSERT_EQ(t.table.charge(bucket, limit, kStart), Charge::conforms) << i << " of " << burst;
    }
    EXPECT_TRUE(t.table.exceeds(bucket, limit, kStart));
    EXPECT_EQ(t.table.charge(bucket, limit, kStart), Charge::exceeds);
  }
}

TEST(RateTable, AWordFromFartherAheadThanAnyLimitIsNobodys) {
  Table t;
  const Limit limit = Limit::of(200, 400);
  const std::uint64_t bucket = t.table.bucket(0, thing(1));
  const std::uint64_t far = ticks(kStart) + 60 * kTicksPerSecond;
  for (auto& word : t.words) word = (bucket >> kTatBits) << kTatBits | (far & kTatMask);
  EXPECT_TRUE(t.table.exceeds(bucket, limit, kStart)) << "nobody has said what is far";
  t.table.set_limits(std::span(&limit, 1));
  EXPECT_FALSE(t.table.exceeds(bucket, limit, kStart));
  for (int i = 0; i < 400; ++i) ASSERT_EQ(t.table.charge(bucket, limit, kStart), Charge::conforms);
  for (int i = 0; i < 1000; ++i) t.table.debit(bucket, limit, kStart);  // as far as it goes
  EXPECT_EQ(t.table.charge(bucket, limit, kStart), Charge::exceeds) << "what it brought is known";
}

TEST(RateTable, HoldsInEveryWindowAndGivesWhatItPromises) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 30; ++round) {
    Table t;
    const std::uint64_t rate = 1 + random() % 5000;
    const std::uint64_t burst = 1 + random() % 40;
    const Limit limit = Limit::of(rate, burst);
    const std::uint64_t bucket = t.table.bucket(0, thing(1));
    const auto interval = nanoseconds(1'000'000'000 / rate);
    std::vector<Time> passed;
    const Time end = kStart + 300 * interval;
    for (Time now = kStart; now < end;
         now += interval * static_cast<std::int64_t>(random() % 1000) / 1000) {
      if (t.table.charge(bucket, limit, now) == Charge::conforms) passed.push_back(now);
    }
    for (std::size_t i = 0; i < passed.size(); ++i) {
      for (std::size_t j = i; j < passed.size(); ++j) {
        const double window = std::chrono::duration<double>(passed[j] - passed[i]).count();
        ASSERT_LE(static_cast<double>(j - i + 1),
                  static_cast<double>(burst) + window * static_cast<double>(rate) + 1e-6)
            << "rate " << rate << " burst " << burst;
      }
    }
    // It asked twice as often as it may: where a burst lets it save up, it got all that it may.
    if (burst >= 8) {
      EXPECT_GE(passed.size(), 298U) << "rate " << rate << " burst " << burst;
    }
  }
}

TEST(RateTable, ThingsAndKindsAreApart) {
  Table t;
  const Limit limit = Limit::of(1, 1);
  EXPECT_EQ(t.table.charge(t.table.bucket(0, thing(1)), limit, kStart), Charge::conforms);
  EXPECT_EQ(t.table.charge(t.table.bucket(1, thing(1)), limit, kStart), Charge::conforms);
  EXPECT_EQ(t.table.charge(t.table.bucket(0, thing(2)), limit, kStart), Charge::conforms);
  EXPECT_EQ(t.table.charge(t.table.bucket(0, thing(1)), limit, kStart), Charge::exceeds);
}

TEST(RateTable, AnotherKeyPutsThingsElsewhere) {
  Table t;
  const RateTable other(t.words, SipKey{1, 2});
  EXPECT_NE(t.table.bucket(0, thing(1)), other.bucket(0, thing(1)));
}

TEST(RateTable, WhatWasGivenAlreadyIsTakenIntoTheRed) {
  Table t;
  const Limit limit = Limit::of(10, 2);  // a half: one at once, five a second
  const std::uint64_t bucket = t.table.bucket(0, thing(1));
  for (int i = 0; i < 4; ++i) t.table.debit(bucket, limit, kStart);
  EXPECT_TRUE(t.table.exceeds(bucket, limit, kStart + milliseconds(350)));
  EXPECT_FALSE(t.table.exceeds(bucket, limit, kStart + milliseconds(410)));
}

TEST(RateTable, NobodyIsShutOutForMoreThanASecond) {
  Table t;
  const Limit limit = Limit::of(10, 2);
  const std::uint64_t bucket = t.table.bucket(0, thing(1));
  for (int i = 0; i < 1000; ++i) t.table.debit(bucket, limit, kStart);
  EXPECT_TRUE(t.table.exceeds(bucket, limit, kStart + milliseconds(990)));
  EXPECT_FALSE(t.table.exceeds(bucket, limit, kStart + milliseconds(1210)));
}

// As many are let through as the rate says, however late their answers count.
TEST(RateTable, TheRateHoldsWithAnswersThatComeLate) {
  Table t;
  const Limit limit = Limit::of(500, 500);
  const std::uint64_t bucket = t.table.bucket(0, thing(1));
  std::vector<Time> on_their_way;
  std::size_t first = 0;
  for (int i = 0; i < 50'000; ++i) {  // 10,000 a second for 5 s
    const Time now = kStart + std::chrono::microseconds(100 * i);
    for (; first < on_their_way.size() && on_their_way[first] <= now; ++first) {
      t.table.debit(bucket, limit, now);
    }
    if (!t.table.exceeds(bucket, limit, now)) on_their_way.push_back(now + milliseconds(5));
  }
  EXPECT_LE(on_their_way.size(), 500U + 2500U + 200U);
  EXPECT_GE(on_their_way.size(), 2500U);
}

// One word: whoever comes second finds both its places taken by the first, and is served.
TEST(RateTable, CrowdedItServes) {
  Table t(1);
  const Limit limit = Limit::of(1, 4);
  ASSERT_EQ(t.table.charge(t.table.bucket(0, thing(1)), limit, kStart), Charge::conforms);
  EXPECT_EQ(t.table.charge(t.table.bucket(0, thing(2)), limit, kStart), Charge::crowded);
  EXPECT_FALSE(t.table.exceeds(t.table.bucket(0, thing(2)), limit, kStart));
  // Once the first is forgiven the word is anybody's.
  const Time later = kStart + std::chrono::seconds(3);
  EXPECT_EQ(t.table.charge(t.table.bucket(0, thing(2)), limit, later), Charge::conforms);
  EXPECT_EQ(t.table.charge(t.table.bucket(0, thing(1)), limit, later), Charge::crowded);
}

// Four processes ask for one bucket at one moment: together they get the burst, to a packet.
TEST(RateTable, IsExactAcrossProcesses) {
  constexpr std::size_t kWords = 1024;
  constexpr std::uint64_t kBurst = 20'001;
  const auto fd = make_shared_memfd("test", kWords * sizeof(RateTable::Word));
  ASSERT_TRUE(fd);
  auto* words =
      static_cast<RateTable::Word*>(map_shared(fd->get(), kWords * sizeof(RateTable::Word)));
  ASSERT_NE(words, nullptr);
  std::array<int, 2> results{};
  ASSERT_EQ(::pipe(results.data()), 0);
  constexpr int kProcesses = 4;
  for (int i = 0; i < kProcesses; ++i) {
    if (::fork() != 0) continue;
    RateTable table({words, kWords}, kKey);
    const Limit limit = Limit::of(100, kBurst);
    const std::uint64_t bucket = table.bucket(0, thing(1));
    std::uint64_t got = 0;
    for (std::uint64_t n = 0; n < kBurst; ++n) {
      if (table.charge(bucket, limit, kStart) == Charge::conforms) ++got;
    }
    if (::write(results[1], &got, sizeof got) != static_cast<ssize_t>(sizeof got)) ::_exit(1);
    ::_exit(0);
  }
  std::uint64_t all = 0;
  for (int i = 0; i < kProcesses; ++i) {
    std::uint64_t got = 0;
    ASSERT_EQ(::read(results[0], &got, sizeof got), static_cast<ssize_t>(sizeof got));
    all += got;
  }
  for (int i = 0; i < kProcesses; ++i) ::wait(nullptr);
  EXPECT_EQ(all, kBurst);
}

// The same with time going on, in threads so that all see one clock.
TEST(RateTable, HoldsWhileTimeGoesOn) {
  Table t;
  const Limit limit = Limit::of(10'000, 50);
  const std::uint64_t bucket = t.table.bucket(0, thing(1));
  std::atomic<std::int64_t> clock = 0;  // microseconds
  std::atomic<std::uint64_t> passed = 0;
  constexpr std::int64_t kEnd = 200'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (true) {
        const std::int64_t at = clock.fetch_add(7);
        if (at > kEnd) return;
        const Time now = kStart + std::chrono::microseconds(at);
        if (t.table.charge(bucket, limit, now) == Charge::conforms) ++passed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(passed, 50U + 2000U);
  EXPECT_GE(passed, 2000U);
}

}  // namespace
}  // namespace dotkeep::admission
