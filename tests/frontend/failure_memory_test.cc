// An upstream that could not answer a question is left alone with it for a while, and with it only.
#include "frontend/failure_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/cache_world.h"

namespace dotkeep::frontend {
namespace {

using std::chrono::seconds;
using ::testing::SizeIs;

Octets octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(FailureMemory, IsOfAQuestionAndAnUpstream) {
  FailureMemory memory({1, 2});
  memory.failed(octets("a"), 1, cache::Moment(100));
  EXPECT_EQ(memory.failing(octets("a"), 0b111, cache::Moment(100)), 0b010U);
  EXPECT_EQ(memory.failing(octets("a"), 0b101, cache::Moment(100)), 0U);
  EXPECT_EQ(memory.failing(octets("b"), 0b111, cache::Moment(100)), 0U);
  EXPECT_EQ(memory.failing(octets("a"), 0b111, cache::Moment(101)), 0U);
  memory.failed(octets("a"), 63, cache::Moment(101));
  EXPECT_EQ(memory.failing(octets("a"), ~0ULL, cache::Moment(101)), 1ULL << 63);
  memory.clear();
  EXPECT_EQ(memory.failing(octets("a"), ~0ULL, cache::Moment(101)), 0U);
}

TEST(FailureMemory, LastsLongerEachTimeAndNeverLong) {
  FailureMemory memory({1, 2});
  cache::Seconds now = 1000;
  for (const cache::Seconds expected : {1U, 2U, 4U, 8U, 16U, 30U, 30U}) {
    memory.failed(octets("a"), 0, cache::Moment(now));
    cache::Seconds lasted = 0;
    while (memory.failing(octets("a"), 1, cache::Moment(now + lasted)) != 0) ++lasted;
    EXPECT_EQ(lasted, expected);
    now += lasted;
  }
  memory.failed(octets("a"), 0, cache::Moment(now + 1000));
  EXPECT_EQ(memory.failing(octets("a"), 1, cache::Moment(now + 1001)), 0U);
}

TEST(FailureMemory, AnotherUpstreamIsAskedAndThisOneForOtherNames) {
  CacheWorld world(config_with(2));
  world.ask(query("www.example"));
  world.answer(0, world.reply().rcode(kServfail));
  ASSERT_THAT(world.outlet.asks, SizeIs(2));
  EXPECT_EQ(world.outlet.asks.back().ask.upstreams, 0b10U);
  auto reply = world.reply();
  world.answer(1, reply.a("www.example", 0));  // not kept
  world.ask(query("www.example"));
  EXPECT_EQ(world.outlet.asks.back().ask.upstreams, 0b10U);
  world.answer(1, reply.a("www.example", 0));
  world.ask(query("other.example"));
  EXPECT_EQ(world.outlet.asks.back().ask.upstreams, 0b11U);
  world.now += seconds(1);
  world.ask(query("www.example"));
  EXPECT_EQ(world.outlet.asks.back().ask.upstreams, 0b11U);
}

TEST(FailureMemory, WhereAllFailedAllAreAsked) {
  CacheWorld world(config_with(2));
  world.ask(query("www.example"));
  world.answer(0, world.reply().rcode(kServfail));
  world.answer(1, world.reply().rcode(kServfail));
  EXPECT_EQ(world.last().rcode, kServfail);
  world.now += seconds(1);
  world.ask(query("www.example"));
  EXPECT_EQ(world.outlet.asks.back().ask.upstreams, 0b11U);
}

}  // namespace
}  // namespace dotkeep::frontend
