// Whether a queue stands.
#include "frontend/backlog.h"

#include <gtest/gtest.h>

namespace dotkeep::frontend {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Time kStart{std::chrono::hours(1)};

TEST(Backlog, ABurstIsNone) {
  Backlog backlog;
  for (int ms = 0; ms < 20; ++ms) {
    backlog.saw(milliseconds(80), kStart + milliseconds(ms));
    EXPECT_FALSE(backlog.stands()) << ms;
  }
  backlog.saw(milliseconds(9), kStart + milliseconds(20));
  EXPECT_FALSE(backlog.stands());
  backlog.saw(milliseconds(80), kStart + milliseconds(21));
  EXPECT_FALSE(backlog.stands()) << "its time began anew";
}

TEST(Backlog, WhatIsLongForLongStands) {
  Backlog backlog;
  backlog.saw(milliseconds(10), kStart);
  backlog.saw(milliseconds(10), kStart + milliseconds(20));
  EXPECT_TRUE(backlog.stands());
  backlog.saw(milliseconds(9), kStart + milliseconds(21));
  EXPECT_FALSE(backlog.stands()) << "it is short again";
}

TEST(Backlog, ForAWhileItStandsAtOnce) {
  Backlog backlog;
  backlog.saw(milliseconds(10), kStart);
  backlog.saw(milliseconds(10), kStart + milliseconds(20));
  backlog.saw(milliseconds(0), kStart + milliseconds(21));
  backlog.saw(milliseconds(10), kStart + seconds(9));
  EXPECT_TRUE(backlog.stands());
  backlog.saw(milliseconds(0), kStart + seconds(10));
  backlog.saw(milliseconds(10), kStart + seconds(18));
  EXPECT_TRUE(backlog.stands()) << "10 s from the last time";
  backlog.saw(milliseconds(0), kStart + seconds(19));
  backlog.saw(milliseconds(10), kStart + seconds(29));
  EXPECT_FALSE(backlog.stands());
}

}  // namespace
}  // namespace dotkeep::frontend
