#include "ipc/loop.h"

#include <gtest/gtest.h>

#include <chrono>

namespace dotkeep::ipc {
namespace {

TEST(LoopTest, ATimerSeesATimeThatIsNotBeforeItsOwn) {
  Loop loop;
  Time seen{};
  Timer timer(loop, [&] { seen = loop.now(); });
  const Time at = loop.now() + std::chrono::milliseconds(2);  // the turn's time is taken now
  timer.arm(at);
  loop.io().run_one();
  EXPECT_GE(seen, at);
}

TEST(LoopTest, ATimeIsKeptForTheTurn) {
  Loop loop;
  const Time first = loop.now();
  while (monotonic_now() == first) {
  }
  EXPECT_EQ(loop.now(), first);
}

}  // namespace
}  // namespace dotkeep::ipc
