// Answers from the cache, and questions that are asked once for many.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/cache_world.h"

namespace dotkeep::frontend {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::SizeIs;

TEST(Hit, IsAnsweredWithoutAskingAndCountsDown) {
  CacheWorld world;
  world.ask(query("www.example"));
  world.say_a(300);
  world.now += seconds(100);
  world.ask(query("wWw.eXample"), udp_client(9));
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
  ASSERT_THAT(world.outlet.responses, SizeIs(2));
  EXPECT_EQ(world.last().question, "wWw.eXample.");
  EXPECT_EQ(world.last().rcode, 0);
  EXPECT_THAT(world.last_ttls(), ::testing::ElementsAre(200));
  EXPECT_EQ(world.outlet.responses[1].client.ip, v4(9));
  world.now += seconds(200);
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
  EXPECT_EQ(world.path.counters().cache_fresh, 1U);
  EXPECT_EQ(world.path.counters().cache_missed, 2U);
}

TEST(Flush, WhatIsUnderWayIsAnsweredAndNotKept) {
  CacheWorld world;
  world.ask(query("www.example"));
  world.path.on_flush();
  world.say_a();
  EXPECT_THAT(world.outlet.responses, SizeIs(1));
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
  world.say_a();
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
}

TEST(Hit, IsForTheSameTypeDoAndCdOnly) {
  CacheWorld world;
  world.ask(query("www.example"));
  world.say_a();
  world.ask(query("www.example", dns::Type::AAAA));
  dns::ClientMessage with_do;
  world.ask(with_do.ask(dns::name("www.example"), dns::Type::A).add_opt({}, 1232, 0x8000).octets());
  dns::ClientMessage with_cd;
  with_cd.flags = 0x0110;
  world.ask(with_cd.ask(dns::name("www.example"), dns::Type::A).add_opt().octets());
  world.ask(query("ww.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(5));
}

TEST(Hit, WithATtlOfNoneThereIsNone) {
  CacheWorld world;
  world.ask(query("www.example"));
  world.say_a(0);
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
}

TEST(Hit, OfANameThatDoesNotExistIsForAllTypes) {
  CacheWorld world;
  world.ask(query("nx.example"));
  world.say_nxdomain();
  world.now += seconds(10);
  world.ask(query("nx.example", dns::Type::AAAA));
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
  EXPECT_EQ(world.last().rcode, kNxdomain);
  EXPECT_THAT(world.last_ttls(), ::testing::ElementsAre(290));
  world.ask(query("a.nx.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
}

TEST(Hit, ANegativeAnswerLivesAsItsSoaSays) {
  CacheWorld world;
  world.ask(query("www.example", dns::Type::AAAA));
  world.say(world.reply().authority("example", dns::Type::SOA, dns::testing::soa(), 9000));
  EXPECT_THAT(world.last_ttls(), ::testing::ElementsAre(300));  // the SOA's minimum
  world.now += seconds(299);
  world.ask(query("www.example", dns::Type::AAAA));
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
  world.now += seconds(1);
  world.ask(query("www.example", dns::Type::AAAA));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
}

TEST(Hit, AFaultyReplyIsNeverKept) {
  CacheWorld world(config_with(1));
  world.ask(query("www.example"));
  auto wrong = world.reply();
  wrong.id ^= 1;
  world.say(wrong.a("www.example"));
  EXPECT_EQ(world.last().rcode, kServfail);
  world.now += seconds(31);
  world.ask(query("www.example"));
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
}

TEST(Failure, IsRememberedEverLonger) {
  CacheWorld world(config_with(1));
  for (const int pause : {1, 2, 4, 8, 16, 30, 30}) {
    const std::size_t asks = world.outlet.asks.size();
    world.ask(query("bad.example"));
    ASSERT_THAT(world.outlet.asks, SizeIs(asks + 1)) << pause;
    world.say(world.reply().rcode(2));
    world.now += seconds(pause) - milliseconds(1);
    world.ask(query("bad.example"));
    EXPECT_THAT(world.outlet.asks, SizeIs(asks + 1)) << pause;
    EXPECT_EQ(world.last().rcode, kServfail);
    world.now += milliseconds(1);
  }
  EXPECT_EQ(world.path.counters().cache_failed, 7U);
}

TEST(Failure, OfTheUpstreamsIsRememberedForASecond) {
  CacheWorld world(config_with(1));
  for (std::size_t i = 0; i < 4; ++i) {
    world.ask(query("www.example"));
    world.fail(UpstreamFault::refused);
    world.ask(query("www.example"));
    EXPECT_THAT(world.outlet.asks, SizeIs(i + 1));
    world.now += seconds(1);
  }
}

TEST(Coalescing, AThousandClientsAskOnce) {
  CacheWorld world;
  for (int i = 0; i < 1000; ++i) {
    world.ask(query(i % 2 == 0 ? "www.example" : "WWW.example"),
              udp_client(static_cast<std::uint8_t>(i % 200)));
  }
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
  EXPECT_EQ(world.path.counters().coalesced, 999U);
  EXPECT_EQ(world.path.pending(), 1000U);
  world.say_a();
  EXPECT_THAT(world.outlet.responses, SizeIs(1000));
  EXPECT_EQ(world.path.pending(), 0U);
  EXPECT_EQ(read(world.outlet.responses[1].octets).question, "WWW.example.");
}

TEST(Coalescing, AFailureIsForAllWhoWait) {
  CacheWorld world(config_with(1));
  for (std::uint8_t i = 0; i < 10; ++i) world.ask(query("www.example"), udp_client(i));
  world.now += seconds(5);
  static_cast<void>(world.path.expire(world.now));
  EXPECT_THAT(world.outlet.responses, SizeIs(10));
  EXPECT_EQ(world.last().error, "23 time-out");
  EXPECT_EQ(world.path.pending(), 0U);
}

TEST(Coalescing, SoManyWaitForOneQuestionAndNoMore) {
  config::Config config = config_with(1);
  config.limits.pending = 16384;
  config.limits.pending_per_client = 16384;
  CacheWorld world(config);
  for (int i = 0; i < 4097; ++i) world.ask(query("www.example"), tcp_client(1));
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::waiters_full), 1U);
  EXPECT_EQ(world.last().rcode, kServfail);
  EXPECT_EQ(world.path.pending(), 4096U);
}

// Forged sources and a few names that nobody answers must not take every place there is.
TEST(Coalescing, HalfOfALineIsForThoseWhoAreNoForgery) {
  config::Config config = config_with(1);
  config.limits.pending = 16384;
  config.limits.pending_per_client = 16384;
  CacheWorld world(config);
  for (int i = 0; i < 2049; ++i) world.ask(query("www.example"));
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::unproven_full), 1U);
  EXPECT_TRUE(world.last().header.has(dns::kFlagTruncated));
  world.ask(query("www.example"), tcp_client(1));
  EXPECT_EQ(world.path.pending(), 2049U);
}

TEST(Coalescing, HalfOfAllWhoWaitAreNoForgery) {
  config::Config config = config_with(1);
  config.limits.pending = 10;
  CacheWorld world(config);
  world.ask(query("www.example"), tcp_client(1));
  for (std::uint8_t i = 0; i < 6; ++i) world.ask(query("www.example"), udp_client(i));
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::unproven_full), 1U);
  EXPECT_EQ(world.path.pending(), 6U);
  world.ask(query("www.example"), tcp_client(2));
  EXPECT_EQ(world.path.pending(), 7U);
  // Who is answered makes room.
  world.say_a();
  world.path.cache().flush_all();
  for (std::uint8_t i = 0; i < 6; ++i) world.ask(query("www.example"), udp_client(i));
  EXPECT_EQ(world.path.pending(), 5U);
}

TEST(Pace, WhatIsGoneBeforeItsTurnIsAskedForAgain) {
  CacheWorld world(config_with(1));
  for (int i = 0; i < 100; ++i) world.ask(query("www.example"));
  world.say_a(0);
  EXPECT_THAT(world.outlet.responses, SizeIs(64));
  world.path.cache().flush_all();
  world.now += milliseconds(1);
  static_cast<void>(world.path.expire(world.now));
  EXPECT_THAT(world.outlet.responses, SizeIs(64));
  EXPECT_EQ(world.path.pending(), 36U);
  ASSERT_THAT(world.outlet.asks, SizeIs(2));
  world.now += milliseconds(1);
  world.say_a(0);
  EXPECT_THAT(world.outlet.responses, SizeIs(100));
  EXPECT_EQ(world.path.pending(), 0U);
}

// What is not kept cannot wait.
TEST(Pace, HoldsBackNothingThatWouldBeLost) {
  config::Config config = config_with(2);
  CacheWorld world(config);
  for (int i = 0; i < 100; ++i) world.ask(query("www.example"));
  config.routes = {{"example", {1}}};
  world.path.reconfigure(config, world.now);
  world.say_a();
  EXPECT_THAT(world.outlet.responses, SizeIs(100));
}

// What an upstream holds and lets go at once does not reach one client at once.
TEST(Pace, NoClientGetsABurst) {
  CacheWorld world;
  for (int i = 0; i < 500; ++i) world.ask(query(), udp_client(1));
  world.ask(query("other.example"), udp_client(2));
  world.now += seconds(3);
  const auto asks = world.outlet.asks;
  for (const auto& sent : asks) {
    auto reply = World::reply_to(sent);
    const Bytes octets = reply.a(dns::text(reply.asked.question.name), 0).bytes();
    world.path.on_answer({sent.ask.ticket, 0, 42, octets}, world.now);
  }
  EXPECT_THAT(world.outlet.responses, SizeIs(65));  // and the other client's
  for (const std::size_t more : std::vector<std::size_t>{64, 64, 64, 64, 64, 64, 52}) {
    const std::size_t before = world.outlet.responses.size();
    ASSERT_TRUE(world.path.next_release());
    static_cast<void>(world.path.expire(world.now));
    EXPECT_THAT(world.outlet.responses, SizeIs(before));
    world.now = *world.path.next_release();
    static_cast<void>(world.path.expire(world.now));
    EXPECT_THAT(world.outlet.responses, SizeIs(before + more));
  }
  EXPECT_EQ(world.path.next_release(), std::nullopt);
  EXPECT_EQ(world.path.pending(), 0U);
  for (const auto& response : world.outlet.responses) EXPECT_EQ(read(response.octets).rcode, 0);
  // What may not be kept was for those who waited only.
  world.ask(query("other.example"), udp_client(2));
  EXPECT_THAT(world.outlet.asks, SizeIs(502));
}

}  // namespace
}  // namespace dotkeep::frontend
