// From a client's message to an Ask, or to the answer that it gets at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/frontend/fake_outlet.h"

namespace dotkeep::frontend {
namespace {

using ::testing::SizeIs;

TEST(Query, IsAskedInOctetsThatAreOurs) {
  World world;
  const Bytes subnet = dns::option(dns::EdnsOption::client_subnet, "0001 18 00 c63364");
  dns::ClientMessage message;
  message.flags = 0x0110;  // RD, CD
  message.ask(dns::name("WwW.ExAmPlE"), dns::Type::AAAA).add_opt(subnet, 4096, 0x8000);
  ASSERT_TRUE(world.ask(message.octets()));

  ASSERT_THAT(world.outlet.asks, SizeIs(1));
  const FakeOutlet::Sent& sent = world.outlet.asks[0];
  dns::Asked asked;
  asked.id = static_cast<std::uint16_t>(sent.query[0] << 8 | sent.query[1]);
  asked.question = {dns::name("www.example"), dns::Type::AAAA};
  asked.dnssec_ok = true;
  asked.checking_disabled = true;
  const dns::RenderedQuery expected = dns::render_upstream_query(asked);
  EXPECT_EQ(to_hex(sent.query), to_hex(expected.message()));
  EXPECT_EQ(sent.ask.padding_at, expected.padding_at);
  EXPECT_EQ(sent.ask.upstreams, 0b11U);
  EXPECT_TRUE(world.outlet.responses.empty());
  EXPECT_EQ(world.path.pending(), 1U);
}

TEST(Query, GetsAnIdThatTheClientDoesNotKnow) {
  World world;
  std::vector<int> ids;
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(world.ask());
    const Bytes& octets = world.outlet.asks.back().query;
    ids.push_back(octets[0] << 8 | octets[1]);
  }
  std::ranges::sort(ids);
  EXPECT_GE(std::ranges::unique(ids).begin() - ids.begin(), 6);  // 8 of 65,536 hardly collide
}

TEST(Query, LeavesTheUpstreamRoomLessTimeThanItHasItself) {
  config::Config config = config_with(1);
  config.query.timeout = std::chrono::seconds(2);
  World world(config);
  ASSERT_TRUE(world.ask());
  EXPECT_EQ(world.outlet.asks[0].ask.timeout_ms, 1900U);
}

TEST(Query, CountsByTransport) {
  World world;
  world.ask();
  world.ask(query(), tcp_client());
  world.ask(query(), tcp_client());
  EXPECT_EQ(world.path.counters().udp_queries, 1U);
  EXPECT_EQ(world.path.counters().tcp_queries, 2U);
  EXPECT_EQ(world.path.counters().asks, 3U);
}

TEST(Rejected, IsAnsweredAtOnce) {
  World world;
  EXPECT_TRUE(world.ask(query("example", dns::Type::AXFR), tcp_client(9)));
  ASSERT_THAT(world.outlet.responses, SizeIs(1));
  EXPECT_EQ(world.outlet.responses[0].client.ip, v4(9));
  EXPECT_EQ(world.last().rcode, 5);
  EXPECT_EQ(world.last().error, "18 no zone transfers here");
  EXPECT_TRUE(world.outlet.asks.empty());
  EXPECT_EQ(world.path.pending(), 0U);
  const auto kind = static_cast<std::size_t>(dns::RejectionKind::zone_transfer);
  EXPECT_EQ(world.path.counters().rejections[kind], 1U);
}

TEST(Rejected, IsNoLongerThanItsQueryOverUdp) {
  World world;
  const Bytes message = query("example", dns::Type::AXFR);
  EXPECT_TRUE(world.ask(message, udp_client()));
  EXPECT_LE(world.outlet.responses.back().octets.size(), message.size());
}

TEST(Rejected, InSilenceIsNoAnswer) {
  World world;
  EXPECT_FALSE(world.ask(Bytes(11)));
  dns::ClientMessage response;
  response.flags = 0x8000;
  EXPECT_FALSE(world.ask(response.octets()));
  EXPECT_TRUE(world.outlet.responses.empty());
  EXPECT_EQ(world.path.counters().rejections[0], 1U);
  EXPECT_EQ(world.path.counters().rejections[1], 1U);
}

TEST(Rejected, WhoIsGoneIsNotAnswered) {
  World world;
  world.outlet.clients_gone = true;
  EXPECT_FALSE(world.ask(query("example", dns::Type::AXFR), tcp_client()));
  EXPECT_TRUE(world.outlet.responses.empty());
}

TEST(Bounds, OneClientHasSoManyPending) {
  config::Config config = config_with(1);
  config.limits.pending_per_client = 2;
  World world(config);
  EXPECT_TRUE(world.ask());
  EXPECT_TRUE(world.ask());
  EXPECT_TRUE(world.outlet.responses.empty());
  EXPECT_TRUE(world.ask());
  ASSERT_THAT(world.outlet.responses, SizeIs(1));
  EXPECT_EQ(world.last().rcode, kServfail);
  EXPECT_EQ(world.last().error, "") << "to who may be forged not an octet more than was sent";
  EXPECT_LE(world.outlet.responses.back().octets.size(), query().size());
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::client_full), 1U);

  EXPECT_TRUE(world.ask(query(), udp_client(2)));  // another one is not concerned
  ASSERT_THAT(world.outlet.asks, SizeIs(3));

  world.answer_well();  // that other one's: the first still has two
  EXPECT_TRUE(world.ask());
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::client_full), 2U);

  for (int i = 0; i < 3; ++i) world.ask(query(), tcp_client(3));  // one that is no forgery
  EXPECT_EQ(world.last().error, "0 too many queries of this client are pending");
}

TEST(Bounds, EveryEndOfAQueryMakesRoomForItsClient) {
  config::Config config = config_with(1);
  config.limits.pending_per_client = 1;
  World world(config);
  world.ask();
  world.answer_well();
  world.ask();
  world.fail(UpstreamFault::time_out);
  world.ask();
  world.answer(0, World::reply_to(world.outlet.asks.back()).rcode(2));
  world.ask();
  world.now += std::chrono::seconds(6);
  static_cast<void>(world.path.expire(world.now));
  world.outlet.wall = Outlet::Asked::full;
  world.ask();
  world.outlet.wall = Outlet::Asked::sent;
  world.ask();
  EXPECT_THAT(world.outlet.asks, SizeIs(5));
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::client_full), 0U);
}

TEST(Bounds, AllTogetherHaveAShareOfThePending) {
  config::Config config = config_with(1);
  config.limits.pending = 5;
  World world(config, 2);
  for (std::uint8_t i = 1; i <= 3; ++i) EXPECT_TRUE(world.ask(query(), tcp_client(i)));
  EXPECT_TRUE(world.outlet.responses.empty());
  EXPECT_TRUE(world.ask(query(), tcp_client(4)));
  EXPECT_EQ(world.last().rcode, kServfail);
  EXPECT_EQ(world.last().error, "0 too many queries are pending");
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::pending_full), 1U);
  EXPECT_EQ(world.path.pending(), 3U);
  world.answer_well();
  EXPECT_TRUE(world.ask(query(), tcp_client(4)));
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::pending_full), 1U);
}

TEST(Bounds, ARefusedQueryIsNotCountedAgainstItsClient) {
  config::Config config = config_with(1);
  config.limits.pending = 1;
  config.limits.pending_per_client = 1;
  World world(config);
  world.ask(query(), tcp_client(1));
  for (int i = 0; i < 3; ++i) world.ask(query(), tcp_client(2));
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::pending_full), 3U);
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::client_full), 0U);
}

TEST(Bounds, HalfIsForThoseWhoAreNoForgery) {
  config::Config config = config_with(1);
  config.limits.pending = 6;
  World world(config);
  for (std::uint8_t i = 1; i <= 3; ++i) EXPECT_TRUE(world.ask(query(), udp_client(i)));
  EXPECT_THAT(world.outlet.asks, SizeIs(3));
  EXPECT_TRUE(world.ask(query(), udp_client(4)));
  EXPECT_TRUE(world.last().header.has(dns::kFlagTruncated));
  EXPECT_EQ(world.path.counters().refusals(admission::Reason::unproven_full), 1U);
  EXPECT_TRUE(world.ask(query(), tcp_client(4)));
  EXPECT_THAT(world.outlet.asks, SizeIs(4));
}

TEST(Wall, FullIsAServfailAtOnce) {
  World world;
  world.outlet.wall = Outlet::Asked::full;
  EXPECT_TRUE(world.ask());
  ASSERT_THAT(world.outlet.responses, SizeIs(1));
  EXPECT_EQ(world.last().rcode, kServfail);
  EXPECT_EQ(world.last().error, "0 too many queries in flight");
  EXPECT_EQ(world.path.pending(), 0U);
  EXPECT_EQ(world.path.counters().wall_full, 1U);
  EXPECT_EQ(world.path.counters().servfail, 1U);
  EXPECT_EQ(world.path.counters().asks, 0U);
}

TEST(Routes, SendASubtreeToItsUpstreamsOnly) {
  config::Config config = config_with(3);
  config.routes = {{"corp.example", {1}}};
  World world(config);
  world.ask(query("a.Corp.Example"));
  world.ask(query("example"));
  EXPECT_EQ(world.outlet.asks[0].ask.upstreams, 0b010U);
  EXPECT_EQ(world.outlet.asks[1].ask.upstreams, 0b101U);
}

TEST(Routes, ANameThatNobodyServesIsServfail) {
  config::Config config = config_with(1);
  config.routes = {{"corp.example", {0}}};
  World world(config);
  EXPECT_TRUE(world.ask(query("www.example")));
  EXPECT_EQ(world.last().rcode, kServfail);
  EXPECT_EQ(world.last().error, "22 no upstream serves this name");
  EXPECT_TRUE(world.outlet.asks.empty());
  EXPECT_EQ(world.path.pending(), 0U);
}

}  // namespace
}  // namespace dotkeep::frontend
