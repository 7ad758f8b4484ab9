#include "frontend/idle_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace dotkeep::frontend {
namespace {

std::vector<std::uint32_t> all(const IdleOrder& order) {
  std::vector<std::uint32_t> slots;
  for (std::uint32_t slot = order.first(); slot != IdleOrder::kNone; slot = order.after(slot)) {
    slots.push_back(slot);
  }
  return slots;
}

// Against a list that is searched.
TEST(IdleOrder, IsThatOfTheLastTouches) {
  constexpr std::uint32_t kSlots = 16;
  IdleOrder order(kSlots);
  std::vector<std::uint32_t> model;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto slot = static_cast<std::uint32_t>(random() % kSlots);
    std::erase(model, slot);
    if (random() % 3 == 0) {
      order.remove(slot);
    } else {
      order.touch(slot);
      model.push_back(slot);
    }
    ASSERT_EQ(all(order), model) << i;
  }
}

}  // namespace
}  // namespace dotkeep::frontend
