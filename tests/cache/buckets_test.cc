// The index of the store grows with what is in it, and nothing gets lost meanwhile.
#include "cache/buckets.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "cache/store.h"

namespace dotkeep::cache {
namespace {

constexpr std::size_t kLine = 64 / sizeof(Bucket);

TEST(Buckets, AreALineAtFirstAndNeverMoreThanWereAskedFor) {
  for (const std::size_t most : {std::size_t{0}, std::size_t{1}, kLine}) {
    EXPECT_EQ(Buckets(most).in_use(), most);
  }
  Buckets buckets(3 * kLine);
  EXPECT_EQ(buckets.in_use(), kLine);
  EXPECT_EQ(buckets.most(), 3 * kLine);
  EXPECT_EQ(buckets.split(), kNoCell);
  EXPECT_EQ(buckets.in_use(), kLine + 1);
  buckets.clear();
  EXPECT_EQ(buckets.in_use(), kLine);
}

// A split moves the tags of one bucket, about half of them, to one that nobody had.
TEST(Buckets, SplitOneAtATime) {
  constexpr std::size_t kMost = 2563;
  Buckets buckets(kMost);
  std::mt19937 random(7);  // NOLINT(*-msc51-cpp)
  std::array<std::uint32_t, 20'000> tags{};
  for (std::uint32_t& tag : tags) tag = static_cast<std::uint32_t>(random());
  std::array<const Bucket*, tags.size()> at{};
  const auto look = [&] {
    for (std::size_t i = 0; i < tags.size(); ++i) at[i] = &buckets.of(tags[i]);
  };
  look();
  std::set<const Bucket*> known(at.begin(), at.end());
  while (buckets.in_use() < kMost) {
    const auto before = at;
    EXPECT_EQ(buckets.split(), kNoCell);
    look();
    const Bucket* source = nullptr;
    const Bucket* added = nullptr;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (at[i] == before[i]) continue;
      if (source == nullptr) source = before[i];
      if (added == nullptr) added = at[i];
      ASSERT_EQ(before[i], source);
      ASSERT_EQ(at[i], added);
    }
    if (added == nullptr) continue;  // no tag of ours moved
    ASSERT_TRUE(known.insert(added).second);
  }
  // Half of the numbers are split twice by now, half once: none has more than its share.
  std::map<const Bucket*, int> load;
  for (const Bucket* bucket : at) ++load[bucket];
  for (const auto& [bucket, count] : load) EXPECT_LT(count, 40);
  EXPECT_GT(load.size(), kMost * 9 / 10);
}

TEST(Buckets, KeepTheGhostOfATagThatMoves) {
  Buckets buckets(4 * kLine);
  constexpr std::uint32_t kMoves = kLine;  // with the first split
  buckets.of(kMoves).ghost = kMoves;
  Bucket* const before = &buckets.of(kMoves);
  EXPECT_EQ(buckets.split(), kNoCell);
  EXPECT_NE(&buckets.of(kMoves), before);
  EXPECT_EQ(buckets.of(kMoves).ghost, kMoves);
}

// What is put in, replaced and taken out, in any order, while the index grows to its full size.
TEST(Store, FindsWhatItHasWhileItsIndexGrows) {
  constexpr std::uint32_t kNumbers = 6'000;
  Store store(std::size_t{136} * kNumbers, {1, 2});
  std::vector<bool> is_there(kNumbers);
  std::array<std::uint8_t, 4> key{};
  const auto key_of = [&key](std::uint32_t number) {
    std::memcpy(key.data(), &number, sizeof number);
    return Octets(key);
  };
  std::mt19937 random(3);  // NOLINT(*-msc51-cpp)
  for (int clears = 0; clears < 2; ++clears) {
    for (std::uint32_t step = 0; step < 6 * kNumbers; ++step) {
      const auto number = static_cast<std::uint32_t>(random()) % kNumbers;
      const CellId id = store.find(key_of(number));
      ASSERT_EQ(id != kNoCell, is_there[number]) << "at step " << step;
      if (random() % 4 == 0 && id != kNoCell) {
        store.erase(id);
        is_there[number] = false;
      } else {
        ASSERT_NE(store.put(key_of(number), {}, {}), kNoCell);
        is_there[number] = true;
      }
    }
    EXPECT_EQ(store.evictions(), 0U);
    EXPECT_GT(store.entries(), kNumbers / 2);
    store.clear();
    is_there.assign(kNumbers, false);
  }
}

}  // namespace
}  // namespace dotkeep::cache
