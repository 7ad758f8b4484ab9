// Lines to masked comparisons, and which of them say the same.
#include "policyc/rules.h"

#include <gmock/gmock.h>

#include "policyc/parse.h"
#include "policyc/unite.h"

namespace dotkeep::policyc {
namespace {

using testing::ElementsAre;

Document document(const std::string& lines) {
  return parse("room r : why\n" + lines).value();
}

std::vector<Rule> rules(const std::string& line) {
  const Allow allow = document("run:\n " + line + " : why\n").allows.front();
  return rules_of(allow, allow.names.front());
}

TEST(Rules, AnIntIsComparedInItsLowHalfOnly) {
  EXPECT_THAT(rules("allow write where fd == 2"), ElementsAre(Rule{"write", {{0, 0xffffffff, 2}}}));
  EXPECT_THAT(rules("allow openat where dirfd == AT_FDCWD"),
              ElementsAre(Rule{"openat", {{0, 0xffffffff, 0xffffff9c}}}));
  EXPECT_THAT(rules("allow write where size == 8"),
              ElementsAre(Rule{"write", {{2, UINT64_MAX, 8}}}));
}

TEST(Rules, OperatorsComeToMasks) {
  EXPECT_THAT(rules("allow mmap where prot within PROT_READ|PROT_WRITE"),
              ElementsAre(Rule{"mmap", {{2, ~std::uint64_t{3}, 0}}}));
  EXPECT_THAT(rules("allow socket where type & 15 == SOCK_STREAM"),
              ElementsAre(Rule{"socket", {{1, 15, 1}}}));
  EXPECT_THAT(rules("allow read where fd within 0xffffffff"), ElementsAre(Rule{"read", {}}));
}

TEST(Rules, SetsMultiply) {
  EXPECT_THAT(rules("allow setsockopt where option in {1, 2} and level in {3, 4}").size(), 4U);
}

TEST(Rules, TheWiderSwallowsTheNarrower) {
  const Rule any{"read", {}};
  const Rule one{"read", {{0, 0xffffffff, 1}}};
  const Rule odd{"read", {{0, 1, 1}}};
  EXPECT_TRUE(includes(any, one));
  EXPECT_TRUE(includes(odd, one));
  EXPECT_FALSE(includes(one, odd));
  EXPECT_FALSE(includes(odd, Rule{"read", {{0, 0xffffffff, 2}}}));
  EXPECT_FALSE(includes(odd, Rule{"write", {{0, 0xffffffff, 1}}}));
  EXPECT_THAT(simplify({one, odd, any, one}), ElementsAre(any));
  EXPECT_THAT(simplify({odd, one}), ElementsAre(odd));
}

TEST(Unite, TakesStartAndRunLinesButNoAnswers) {
  const auto child = [](const std::string& name) -> std::optional<Document> {
    if (name != "child") return std::nullopt;
    return parse(
               "room child : c\nstart:\n allow brk : s\nbounds:\n limit NPROC 0 : b\nrun:\n"
               " allow read : r\n answer mmap ENOMEM : m\n")
        .value();
  };
  const auto united = unite(document("inherit child : why\nrun:\n allow kill : k\n"), child);
  ASSERT_TRUE(united);
  std::vector<std::string> order;
  for (const Allow& allow : united->allows) {
    EXPECT_EQ(allow.section, Section::run);
    order.push_back(allow.names.front() + " " + allow.from);
  }
  EXPECT_THAT(order, ElementsAre("read child.run", "kill ", "brk child.start"));
  EXPECT_TRUE(united->answers.empty());
  EXPECT_TRUE(united->limits.empty());
  EXPECT_FALSE(unite(document("inherit other : why\n"), child));
}

TEST(Overlay, AllowsWhatWasAnswered) {
  Document room = document("run:\n allow read : r\n answer mmap ENOMEM : m\n answer brk 0 : b\n");
  overlay(room, parse("overlay o : why\nrun:\n allow mmap : shadow\n").value());
  ASSERT_EQ(room.answers.size(), 1U);
  EXPECT_EQ(room.answers.front().name, "brk");
  EXPECT_EQ(room.allows.back().names.front(), "mmap");
}

}  // namespace
}  // namespace dotkeep::policyc
