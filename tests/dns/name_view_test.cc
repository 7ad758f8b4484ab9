#include "dns/name_view.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/dns/reply_message.h"

namespace dotkeep::dns::testing {
namespace {

TEST(NameViewTest, Same) {
  EXPECT_TRUE(same_name(name("."), name(".")));
  EXPECT_TRUE(same_name(name("a.ExampLe."), name("A.eXample.")));
  EXPECT_FALSE(same_name(name("a.example."), name("b.example.")));
  EXPECT_FALSE(same_name(name("a.example."), name("example.")));
  EXPECT_FALSE(same_name(name("a@."), name("a`."))) << "not letters, though 0x20 apart";
}

TEST(NameViewTest, Within) {
  EXPECT_TRUE(name_within(name("a.example."), name("example.")));
  EXPECT_TRUE(name_within(name("example."), name("EXAMPLE.")));
  EXPECT_TRUE(name_within(name("example."), name(".")));
  EXPECT_TRUE(name_within(name("."), name(".")));
  EXPECT_FALSE(name_within(name("example."), name("a.example.")));
  EXPECT_FALSE(name_within(name("."), name("example.")));
  EXPECT_FALSE(name_within(name("bexample."), name("example.")));
  // The octets of "b.example." at the end of one label.
  EXPECT_FALSE(name_within(name("a\\001b\\007example."), name("b.example.")));
  EXPECT_FALSE(name_within(name("abcdefghij."), name("ij.")));
}

TEST(NameViewTest, AncestorsAreThoseItIsWithin) {
  const std::vector<const char*> names = {
      "www.example.", "WWW.EXAMPLE.", "example.",   "EXAMPLE.",       ".",
      "bexample.",    "xw.example.",  "a.example.", "a.www.example.", "a\\001b\\007example."};
  for (const char* of : names) {
    const Bytes wire = name(of);
    const Ancestors ancestors(wire);
    for (const char* other : names) {
      EXPECT_EQ(ancestors.has(name(other)), name_within(wire, name(other))) << of << " " << other;
    }
  }
}

TEST(NameViewTest, Parent) {
  const Bytes wire = name("a.b.");
  const Octets parent = name_parent(wire);
  EXPECT_EQ(Bytes(parent.begin(), parent.end()), name("b."));
  EXPECT_EQ(name_parent(name_parent(parent)).size(), 1u);
}

TEST(NameViewTest, HashIsOfTheLowerCase) {
  const SipKey key = {1, 2};
  EXPECT_EQ(hash_name(key, name("a.EXAMPLE.")), hash_name(key, name("A.example.")));
  EXPECT_NE(hash_name(key, name("a.example.")), hash_name(key, name("b.example.")));
  EXPECT_NE(hash_name(key, name("a.example.")), hash_name({1, 3}, name("a.example.")));
}

}  // namespace
}  // namespace dotkeep::dns::testing
