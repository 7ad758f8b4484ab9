#include "sandbox/confinement.h"

#include <gtest/gtest.h>

namespace dotkeep::sandbox {
namespace {

TEST(Confinement, ComesBackFromItsWord) {
  for (unsigned bits = 0; bits < 8; ++bits) {
    const Confinement confinement{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    EXPECT_EQ(Confinement::from_word(confinement.to_word()), confinement) << bits;
  }
  EXPECT_EQ(Confinement{}.to_word(), "none");
  EXPECT_EQ((Confinement{true, false, true}.to_word()), "namespaces+root");
}

TEST(Confinement, WhatIsNotKnownIsNotInForce) {
  for (const char* word : {"", "none", "all", "+", "namespace", "rootx", "networkroot"}) {
    EXPECT_EQ(Confinement::from_word(word), Confinement{}) << word;
  }
  EXPECT_EQ(Confinement::from_word("++root+x"), (Confinement{false, false, true}));
}

}  // namespace
}  // namespace dotkeep::sandbox
