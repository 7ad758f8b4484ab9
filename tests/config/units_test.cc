#include "config/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dotkeep::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(Duration, ReadsEveryUnit) {
  EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("5s"), seconds(5));
  EXPECT_EQ(parse_duration("1m"), seconds(60));
  EXPECT_EQ(parse_duration("2h"), hours(2));
  EXPECT_EQ(parse_duration("1d"), hours(24));
  EXPECT_EQ(parse_duration("0s"), Duration{});
}

TEST(Duration, RefusesTheRest) {
  for (const char* text : {"", "s", "5", "5 s", "-5s", "+5s", "05s", "5S", "5sec", "1m30s", "1.5s",
                           " 5s", "5s ", "99999999999999999999s", "106752d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_TRUE(parse_duration("106751d"));  // the most that a Duration holds
  EXPECT_THAT(parse_duration("5").error(), HasSubstr("'5' without a unit; write"));
  EXPECT_THAT(parse_duration("5min").error(), HasSubstr("unknown unit 'min'"));
}

TEST(Duration, WritesTheLargestUnitThatDivides) {
  EXPECT_EQ(duration_text(milliseconds(1500)), "1500ms");
  EXPECT_EQ(duration_text(seconds(90)), "90s");
  EXPECT_EQ(duration_text(seconds(120)), "2m");
  EXPECT_EQ(duration_text(hours(36)), "36h");
  EXPECT_EQ(duration_text(hours(48)), "2d");
  EXPECT_EQ(duration_text({}), "0s");
}

TEST(Size, ReadsAndWritesEveryUnit) {
  EXPECT_EQ(parse_size("16KiB"), 16384U);
  EXPECT_EQ(parse_size("64MiB"), 64U << 20);
  EXPECT_EQ(parse_size("1GiB"), 1U << 30);
  EXPECT_EQ(size_text(16384), "16KiB");
  EXPECT_EQ(size_text(64U << 20), "64MiB");
  EXPECT_EQ(size_text(1536U << 20), "1536MiB");
  EXPECT_EQ(size_text(0), "0KiB");
}

TEST(Size, RefusesPlainOctetsAndOtherUnitsWithAHint) {
  EXPECT_THAT(parse_size("65536").error(), HasSubstr("such as \"64MiB\""));
  EXPECT_THAT(parse_size("64MB").error(), HasSubstr("unknown unit 'MB'"));
  EXPECT_FALSE(parse_size("8589934592GiB"));
}

}  // namespace
}  // namespace dotkeep::config
