// Who has proven lately that it is no forgery.
#include "admission/proven_lately.h"

#include <gtest/gtest.h>

#include "tests/admission/helpers.h"

namespace dotkeep::admission {
namespace {

IpAddress numbered(std::uint32_t number) {
  IpAddress client;
  for (unsigned i = 0; i < 4; ++i) client.octets[i] = static_cast<std::uint8_t>(number >> 8 * i);
  return client;
}

TEST(ProvenLately, AnHourAndNoLonger) {
  ProvenLately proven({1, 2});
  EXPECT_FALSE(proven.has(ip("192.0.2.1"), kStart));
  proven.note(ip("192.0.2.1"), kStart);
  EXPECT_TRUE(proven.has(ip("192.0.2.1"), kStart));
  EXPECT_FALSE(proven.has(ip("192.0.2.2"), kStart));
  EXPECT_FALSE(proven.has(ip("::c000:201"), kStart)) << "another family";
  EXPECT_TRUE(proven.has(ip("192.0.2.1"), kStart + std::chrono::minutes(59)));
  EXPECT_FALSE(proven.has(ip("192.0.2.1"), kStart + std::chrono::minutes(61)));
  proven.note(ip("192.0.2.1"), kStart + std::chrono::minutes(30));
  EXPECT_TRUE(proven.has(ip("192.0.2.1"), kStart + std::chrono::minutes(61)));
}

// Places are few: whoever was proven longest ago goes first.
TEST(ProvenLately, KeepsThousandsAndForgetsTheOldest) {
  ProvenLately proven({1, 2});
  const auto kept_of = [&proven](std::uint32_t first, std::uint32_t count) {
    std::uint32_t kept = 0;
    for (std::uint32_t i = first; i < first + count; ++i) {
      kept += proven.has(numbered(i), kStart) ? 1U : 0U;
    }
    return kept;
  };
  for (std::uint32_t i = 0; i < 4000; ++i) proven.note(numbered(i), kStart);
  EXPECT_GE(kept_of(0, 4000), 3960U);
  const Time later = kStart + std::chrono::seconds(1);
  for (std::uint32_t i = 1'000'000; i < 1'100'000; ++i) proven.note(numbered(i), later);
  EXPECT_EQ(kept_of(0, 4000), 0U);
  EXPECT_GE(kept_of(1'000'000, 100'000), 16'000U);
}

}  // namespace
}  // namespace dotkeep::admission
