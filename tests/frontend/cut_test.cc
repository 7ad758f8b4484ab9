// A response that is too large for the way to its client.
#include "frontend/cut.h"

#include <gtest/gtest.h>

#include "dns/render.h"
#include "tests/frontend/fake_outlet.h"

namespace dotkeep::frontend {
namespace {

Bytes response_of(World& world) {
  world.ask(query("www.example"));
  world.answer_well();
  return world.outlet.responses.back().octets;
}

TEST(Cut, LeavesTheQuestionAndSaysTruncated) {
  World world;
  Bytes response = response_of(world);
  const Said whole = read(response);
  ASSERT_EQ(whole.header.answers, 1);
  const std::size_t size = cut_to_question(response);
  ASSERT_EQ(size, dns::kHeaderSize + dns::name("www.example").size() + 4);
  response.resize(size);
  const Said cut = read(response);
  EXPECT_TRUE(cut.header.has(dns::kFlagTruncated));
  EXPECT_EQ(cut.header.flags, whole.header.flags | dns::kFlagTruncated);
  EXPECT_EQ(cut.header.id, whole.header.id);
  EXPECT_EQ(cut.question, whole.question);
  EXPECT_EQ(cut.header.answers + cut.header.authorities + cut.header.additionals, 0);
  // Nothing is left to cut: it is not tried for ever.
  EXPECT_EQ(cut_to_question(response), 0U);
}

TEST(Cut, LeavesAloneWhatIsNoResponse) {
  Bytes asked = query("www.example");
  EXPECT_EQ(cut_to_question(asked), 0U);
  World world;
  const Bytes response = response_of(world);
  for (std::size_t size = 0; size < dns::kHeaderSize + 1; ++size) {
    Bytes cut(response.begin(), response.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(cut_to_question(cut), 0U) << size;
  }
}

}  // namespace
}  // namespace dotkeep::frontend
