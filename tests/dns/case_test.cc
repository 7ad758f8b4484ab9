#include "dns/case.h"

#include <gtest/gtest.h>

#include "tests/base/hex.h"

namespace dotkeep::dns {
namespace {

TEST(Case, EightAtATimeIsEachByItself) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    // Its neighbours must not matter: both the lowest and the highest that there are.
    for (const std::uint64_t around : {std::uint64_t{0}, ~std::uint64_t{0}}) {
      for (unsigned at = 0; at < 64; at += 8) {
        const std::uint64_t hole = around & ~(std::uint64_t{0xff} << at);
        const std::uint64_t lower = to_lower(static_cast<std::uint8_t>(octet));
        EXPECT_EQ(lower_eight(hole | std::uint64_t{octet} << at), hole | lower << at) << octet;
      }
    }
  }
}

TEST(Case, CopiesEveryLengthAndNoMore) {
  const Bytes upper(40, 'Q');
  for (std::size_t count = 0; count <= upper.size(); ++count) {
    Bytes to(upper.size(), 0xee);
    copy_lower(upper.data(), count, to.data());
    for (std::size_t i = 0; i < to.size(); ++i) EXPECT_EQ(to[i], i < count ? 'q' : 0xee);
  }
}

TEST(Case, SeesADifferenceAtEveryPlaceOfEveryLength) {
  for (std::size_t count = 0; count <= 24; ++count) {
    const Bytes a(count, 'k');
    Bytes b(count, 'K');
    EXPECT_TRUE(equal_but_case(a.data(), b.data(), count));
    for (std::size_t at = 0; at < count; ++at) {
      b[at] = 'L';
      EXPECT_FALSE(equal_but_case(a.data(), b.data(), count)) << count << " " << at;
      b[at] = 'K';
    }
  }
}

}  // namespace
}  // namespace dotkeep::dns
