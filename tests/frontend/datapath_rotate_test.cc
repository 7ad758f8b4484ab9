// The order of addresses that clients see, by cache.rotate; and what a file may bring in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/frontend/cache_world.h"

namespace dotkeep::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// The last octet of the first address of each answer to so many queries, the first of them new.
std::vector<unsigned> first_of(config::Rotate rotate, int queries) {
  config::Config config = config_with(1);
  config.cache.rotate = rotate;
  CacheWorld world(config);
  world.ask(query("www.example"));
  auto reply = world.reply();
  for (const char* address : {"c0000201", "c0000202", "c0000203"}) {
    reply.answer("www.example", dns::Type::A, dns::testing::hex(address));
  }
  world.say(reply);
  for (int i = 1; i < queries; ++i) world.ask(query("www.example"));
  std::vector<unsigned> found;
  for (const auto& response : world.outlet.responses) {
    constexpr std::size_t kRdata = 12 + 13 + 4 + 12;  // header, question, a record's front
    found.push_back(response.octets[kRdata + 3]);
  }
  return found;
}

TEST(Rotate, IsOffUnlessWanted) {
  EXPECT_THAT(first_of({}, 5), ::testing::Each(1U));
}

TEST(Rotate, RoundRobinGoesThroughAll) {
  EXPECT_THAT(first_of(config::Rotate::round_robin, 7), ElementsAre(1, 2, 3, 1, 2, 3, 1));
  // It goes on when the count of uses goes round.
  const auto many = first_of(config::Rotate::round_robin, 2000);
  for (const unsigned address : {1U, 2U, 3U}) {
    EXPECT_NEAR(static_cast<double>(std::ranges::count(many, address)), 667, 10);
  }
}

TEST(Rotate, RandomTakesEachAboutAsOften) {
  const auto many = first_of(config::Rotate::random, 3000);
  for (const unsigned address : {1U, 2U, 3U}) {
    EXPECT_NEAR(static_cast<double>(std::ranges::count(many, address)), 1000, 200);
  }
}

bool may_load(const config::Config& config, std::string_view name) {
  CacheWorld world(config);
  const dns::testing::ReplyMessage message = [&] {
    dns::testing::ReplyMessage reply(name);
    return reply.answer(name, dns::Type::A, dns::testing::hex("0a000001"));
  }();
  const Bytes octets = message.bytes();
  const auto scratch = dns::make_reply_scratch();
  const auto reply = dns::check_reply(message.asked, octets, *scratch);
  return world.path.may_load(message.asked.question, reply.value());
}

TEST(MayLoad, WhatTodaysPolicyWouldLetThrough) {
  config::Config config = config_with(2);
  EXPECT_TRUE(may_load(config, "www.example"));
  EXPECT_FALSE(may_load(config, "printer.local"));  // answered here
  config.names.refuse_rebinding = true;
  config.upstreams[1].endpoint.address = {9, 9, 9, 9};  // who is private may say so
  EXPECT_FALSE(may_load(config, "www.example"));
  config.names.rebinding_except = {"home.example"};
  EXPECT_TRUE(may_load(config, "nas.home.example"));
  config.routes = {{"corp.example", {1}}};
  EXPECT_TRUE(may_load(config, "www.corp.example"));
}

TEST(Reload, OtherTimesMakeWhatIsKeptUnknown) {
  config::Config config = config_with(1);
  CacheWorld world(config);
  world.ask(query("www.example"));
  world.say_a(3000);
  config.cache.max_ttl = std::chrono::seconds(60);
  world.path.reconfigure(config, world.now);
  world.ask(query("www.example"));
  ASSERT_THAT(world.outlet.asks, SizeIs(2));
  world.say_a(3000);
  EXPECT_THAT(world.last_ttls(), ElementsAre(60));
  world.path.reconfigure(config, world.now);
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
}

}  // namespace
}  // namespace dotkeep::frontend
