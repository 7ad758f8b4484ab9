#include "dns/reply_index.h"

#include <gtest/gtest.h>

#include <memory>

namespace dotkeep::dns {
namespace {

constexpr std::uint16_t kNobody = 0xffff;

TEST(IndexTest, FindsWhatWasStored) {
  const auto index = std::make_unique<Index>();
  index->clear();
  const auto find = [&](std::uint64_t hash, std::uint16_t wanted) {
    return index->find(hash, kNobody, [&](std::uint16_t number) { return number == wanted; });
  };
  EXPECT_EQ(find(1, 7), kNobody);
  index->insert(1, 7);
  index->insert(1, 8);                  // the same hash
  index->insert(1 + Index::kSlots, 9);  // the same slot
  EXPECT_EQ(find(1, 7), 7);
  EXPECT_EQ(find(1, 8), 8);
  EXPECT_EQ(find(1 + Index::kSlots, 9), 9);
  EXPECT_EQ(find(1, 10), kNobody);
  EXPECT_EQ(find(0, 7), kNobody);
}

TEST(IndexTest, WrapsAroundAtItsEnd) {
  const auto index = std::make_unique<Index>();
  index->clear();
  for (std::uint16_t i = 0; i < 3; ++i) index->insert(Index::kSlots - 1, i);
  const auto second = [](std::uint16_t number) { return number == 2; };
  EXPECT_EQ(index->find(Index::kSlots - 1, kNobody, second), 2);
}

TEST(IndexTest, ClearForgetsHoweverOften) {
  const auto index = std::make_unique<Index>();
  index->clear();
  const auto any = [](std::uint16_t) { return true; };
  index->insert(5, 1);
  for (int i = 0; i < 70000; ++i) {
    index->clear();
    ASSERT_EQ(index->find(5, kNobody, any), kNobody) << i;
  }
}

}  // namespace
}  // namespace dotkeep::dns
