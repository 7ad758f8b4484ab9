// The DER cursor: what BER allows and DER does not.
#include "tls/der.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tls/civil_time.h"

namespace dotkeep::tls {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes element(std::uint8_t tag, std::string_view content) {
  Bytes bytes{tag, static_cast<std::uint8_t>(content.size())};
  for (const char c : content) bytes.push_back(static_cast<std::uint8_t>(c));
  return bytes;
}

TEST(Der, ElementsInOrder) {
  const Bytes input = {0x02, 0x01, 0x05, 0x05, 0x00};
  Der der(input);
  EXPECT_FALSE(der.get(Tag::null));  // and the cursor stays
  EXPECT_EQ(der.small_natural(), 5U);
  EXPECT_TRUE(der.get(Tag::null));
  EXPECT_TRUE(der.empty());
  EXPECT_FALSE(der.any());
}

TEST(Der, Lengths) {
  Bytes ok = {0x04, 0x81, 0x80};
  ok.resize(3 + 0x80);
  EXPECT_TRUE(Der(ok).get(Tag::octet_string));
  const std::vector<Bytes> bad = {
      {},
      {0x04},
      {0x04, 0x01},                    // too short
      {0x04, 0x80, 0x00, 0x00},        // indefinite
      {0x04, 0x81, 0x01, 0x00},        // fits the short form
      {0x04, 0x82, 0x00, 0x80},        // leading zero
      {0x04, 0x84, 0, 0, 0, 1, 0},     // four octets of length
      {0x04, 0x83, 0xff, 0xff, 0xff},  // longer than the input
      {0x1f, 0x01, 0x00},              // tag number of several octets
      {0x00, 0x00},                    // end of contents
  };
  for (const Bytes& input : bad) EXPECT_FALSE(Der(input).any()) << input.size();
}

TEST(Der, Numbers) {
  const auto number = [](const std::vector<int>& content) {
    std::string text;
    for (const int octet : content) text.push_back(static_cast<char>(octet));
    return Der(element(0x02, text)).small_natural();
  };
  EXPECT_EQ(number({0x00}), 0U);
  EXPECT_EQ(number({0x00, 0x80}), 128U);
  EXPECT_EQ(number({0x7f, 0xff, 0xff, 0xff}), 0x7fffffffU);
  EXPECT_EQ(number({}), std::nullopt);
  EXPECT_EQ(number({0x80}), std::nullopt);        // negative
  EXPECT_EQ(number({0x00, 0x7f}), std::nullopt);  // not minimal
  EXPECT_EQ(number({0x01, 0, 0, 0, 0}), std::nullopt);
}

TEST(Der, Booleans) {
  EXPECT_EQ(Der(element(0x01, "\xff")).boolean(), true);
  EXPECT_EQ(Der(element(0x01, std::string_view("\0", 1))).boolean(), false);
  EXPECT_FALSE(Der(element(0x01, "\x01")).boolean());
  EXPECT_FALSE(Der(element(0x01, "\xff\xff")).boolean());
}

TEST(Der, Times) {
  const auto utc = [](std::string_view text) { return Der(element(0x17, text)).time(); };
  const auto general = [](std::string_view text) { return Der(element(0x18, text)).time(); };
  EXPECT_EQ(utc("700101000000Z"), 0);
  EXPECT_EQ(utc("250228235959Z"), 1740787199);
  EXPECT_EQ(utc("491231235959Z"), 2524607999);
  EXPECT_EQ(utc("500101000000Z"), -631152000);
  EXPECT_EQ(general("20500101000000Z"), 2524608000);
  EXPECT_EQ(general("99991231235959Z"), 253402300799);
  EXPECT_EQ(utc("240229000000Z"), 1709164800);
  for (const char* bad : {"250229000000Z", "251301000000Z", "250100000000Z", "250101240000Z",
                          "250101006000Z", "250101000060Z", "2501010000Z", "250101000000+0000",
                          "25010100000 Z", "250101000000z", ""}) {
    EXPECT_FALSE(utc(bad)) << bad;
  }
  EXPECT_FALSE(general("20500101000000.5Z"));
}

TEST(CivilTime, ThereAndBack) {
  for (const std::int64_t seconds :
       {std::int64_t{0}, std::int64_t{951782400}, std::int64_t{4102444799}, std::int64_t{-1},
        std::int64_t{253402300799}}) {
    EXPECT_EQ(from_civil(to_civil(seconds)), seconds);
  }
  EXPECT_EQ(date_text(951782400), "2000-02-29");
  EXPECT_EQ(date_text(INT64_MAX), "9999-12-31");
  EXPECT_EQ(date_text(INT64_MIN), "0000-01-01");
}

}  // namespace
}  // namespace dotkeep::tls
