#include "base/keepalive_patch.h"

#include <gtest/gtest.h>

#include "tests/base/hex.h"

namespace dotkeep {
namespace {

Bytes patched(std::string_view hex, std::size_t padding_at) {
  Bytes query = from_hex(hex);
  offer_keepalive(query, padding_at);
  return query;
}

TEST(KeepalivePatch, TakesFourOctetsOfPaddingForAnEmptyKeepalive) {
  EXPECT_EQ(to_hex(patched("ffff 000c 0006 000000000000", 2)),
            to_hex(from_hex("ffff 000b 0000 000c 0002 0000")));
}

TEST(KeepalivePatch, LeavesAPaddingOptionEvenOfNone) {
  EXPECT_EQ(to_hex(patched("000c 0004 00000000", 0)), to_hex(from_hex("000b 0000 000c 0000")));
}

TEST(KeepalivePatch, CountsPaddingPast255) {
  Bytes query(4 + 300);
  query[1] = 12;
  query[2] = 300 >> 8;
  query[3] = 300 & 0xff;
  offer_keepalive(query, 0);
  EXPECT_EQ(to_hex(Octets(query).first(8)), to_hex(from_hex("000b 0000 000c 0128")));
}

TEST(KeepalivePatch, TouchesNothingElse) {
  for (const std::string_view hex : {
           "000c 0003 000000",    // too little padding
           "000c 0005 00000000",  // length past the end
           "000c 0003 00000000",  // something after the padding
           "000b 0004 00000000",  // another option
           "010c 0004 00000000",  // another option, high octet
           "000c",                // cut short
           "",
       }) {
    EXPECT_EQ(to_hex(patched(hex, 0)), to_hex(from_hex(hex))) << hex;
  }
  constexpr std::string_view good = "000c 0004 00000000";
  for (const std::size_t at : {std::size_t{1}, std::size_t{8}, std::size_t{9}, ~std::size_t{0}}) {
    EXPECT_EQ(to_hex(patched(good, at)), to_hex(from_hex(good))) << at;
  }
}

}  // namespace
}  // namespace dotkeep
