// Refusals as clients see them, and what an attacker gains by them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/frontend/fake_outlet.h"

namespace dotkeep::frontend {
namespace {

using admission::Reason;
using ::testing::SizeIs;

config::Config limited(std::uint32_t burst, std::uint32_t slip = 1) {
  config::Config config = config_with(1);
  config.limits.rate = 1;
  config.limits.burst = burst;
  config.limits.slip = slip;
  return config;
}

const Bytes kClientCookie = dns::option(dns::EdnsOption::cookie, "0102030405060708");

Bytes with_options(const Bytes& options, std::string_view name = "www.example") {
  return dns::ClientMessage().ask(dns::name(name), dns::Type::A).add_opt(options).octets();
}

// The COOKIE option of a response, header included.
Bytes cookie_of(const Bytes& response) {
  const Bytes head = from_hex("000a0018 0102030405060708");
  const auto found = std::search(response.begin(), response.end(), head.begin(), head.end());
  if (found == response.end()) return {};
  return {found, found + 28};
}

TEST(Slip, IsTruncatedAndNoLongerThanTheQuery) {
  World world(limited(1));
  world.ask();
  for (const Bytes& message :
       {query(), with_options(kClientCookie), dns::ClientMessage().octets()}) {
    ASSERT_TRUE(world.ask(message));
    EXPECT_TRUE(world.last().header.has(dns::kFlagTruncated));
    EXPECT_EQ(world.last().header.rcode_bits(), 0);
    EXPECT_LE(world.outlet.responses.back().octets.size(), message.size());
  }
  EXPECT_EQ(world.counters.refusals(Reason::client_rate), 3U);
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
}

TEST(Crowd, WhoIsNotKnownIsNotAnswered) {
  World world;
  Client client = udp_client(1);
  client.crowded = true;
  EXPECT_FALSE(world.ask(query(), client));
  EXPECT_TRUE(world.outlet.responses.empty() && world.outlet.asks.empty());
  EXPECT_EQ(world.counters.refusals(Reason::overload), 1U);
  client.crowded = false;
  EXPECT_TRUE(world.ask(query(), client));
}

TEST(Slip, ZeroIsSilence) {
  World world(limited(1, 0));
  world.ask();
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(world.ask());
  EXPECT_TRUE(world.outlet.responses.empty());
}

TEST(OverTheRate, TcpIsRefusedWithAReason) {
  World world(limited(1));
  for (int i = 0; i < 4; ++i) world.ask(query(), tcp_client());
  world.ask(query(), tcp_client());
  EXPECT_EQ(world.last().rcode, 5);
  EXPECT_EQ(world.last().error, "18 too many queries");
}

TEST(Cookie, IsGivenAndKnown) {
  World world(limited(2, 0));
  world.ask(with_options(kClientCookie, "a.example"));
  world.answer_well();
  const Bytes cookie = cookie_of(world.outlet.responses.back().octets);
  ASSERT_FALSE(cookie.empty());
  EXPECT_EQ(world.counters.verified, 0U);
  // Its owner may ask four times as much, whatever somebody asks in its name.
  for (int i = 0; i < 20; ++i) world.ask();
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(world.ask(with_options(cookie, "b.example"))) << i;
  EXPECT_FALSE(world.ask(with_options(cookie, "b.example")));
  EXPECT_EQ(world.counters.verified, 8U);
  EXPECT_TRUE(world.ask(with_options(cookie, "b.example"), tcp_client(9)));  // not its address
}

TEST(Cookie, FromTheCacheAndInErrorsToo) {
  World world;
  world.ask(with_options(kClientCookie));
  world.answer_well();
  world.ask(with_options(kClientCookie));
  ASSERT_THAT(world.outlet.asks, SizeIs(1)) << "the second is answered from the cache";
  EXPECT_FALSE(cookie_of(world.outlet.responses.back().octets).empty());
  world.ask(with_options(kClientCookie, "a.onion"));
  EXPECT_FALSE(cookie_of(world.outlet.responses.back().octets).empty());
}

TEST(SpecialName, IsAnsweredAndNotAsked) {
  World world;
  world.ask(query("a.onion"));
  EXPECT_EQ(world.last().rcode, 3);
  EXPECT_EQ(world.last().error, "29 special-use name");
  EXPECT_EQ(world.last().header.authorities, 1);
  world.ask(query("localhost"));
  EXPECT_EQ(world.last().rcode, 0);
  EXPECT_EQ(world.last().header.answers, 1);
  EXPECT_TRUE(world.outlet.asks.empty());
  EXPECT_EQ(world.counters.refusals(Reason::special_name), 2U);
}

TEST(SpecialName, OfARouteIsAsked) {
  config::Config config = config_with(2);
  config.routes.push_back({"home.arpa", {1}});
  World world(config);
  world.ask(query("nas.home.arpa"));
  ASSERT_THAT(world.outlet.asks, SizeIs(1));
  EXPECT_EQ(world.outlet.asks[0].ask.upstreams, 0b10U);
}

config::Config with_public_upstream() {
  config::Config config = config_with(2);
  config.upstreams[0].endpoint.address = {9, 9, 9, 9};
  config.upstreams[1].endpoint.address = {10, 0, 0, 1};
  return config;
}

void answer_privately(World& world, std::uint8_t upstream) {
  auto reply = World::reply_to(world.outlet.asks.back());
  world.answer(upstream, reply.answer(dns::text(reply.asked.question.name), dns::Type::A,
                                      from_hex("0a000001")));
}

TEST(Rebinding, OfAPublicUpstreamIsRefused) {
  World world(with_public_upstream());
  world.ask(query("rebind.example"));
  world.ask(query("rebind.example"), udp_client(2));  // who waits with it, too
  ASSERT_THAT(world.outlet.asks, SizeIs(1));
  answer_privately(world, 0);
  ASSERT_THAT(world.outlet.responses, SizeIs(2));
  EXPECT_EQ(world.last().rcode, 5);
  EXPECT_EQ(world.last().error, "15 private address in a public answer");
  EXPECT_EQ(world.counters.refusals(Reason::rebinding), 2U);
  EXPECT_EQ(world.path.pending(), 0U);
  world.ask(query("rebind.example"));  // and nothing of it was kept
  EXPECT_THAT(world.outlet.asks, SizeIs(2));
}

// 255: an upstream that a reload has taken away; the others are lies of the upstream room.
TEST(Rebinding, IsRefusedWhateverNumberTheUpstreamRoomGives) {
  for (const unsigned upstream : {2U, 63U, 64U, 65U, 255U}) {
    World world(with_public_upstream());
    world.ask();
    answer_privately(world, static_cast<std::uint8_t>(upstream));
    EXPECT_EQ(world.last().rcode, 5) << upstream;
  }
  config::Config config = with_public_upstream();
  config.routes.push_back({"corp.example", {1}});
  World routed(config);
  routed.ask(query("www.example"));
  answer_privately(routed, 1);  // which only the route may ask
  EXPECT_EQ(routed.last().rcode, 5);
  config.upstreams[0].endpoint.address = {10, 0, 0, 2};
  World inner(config);
  inner.ask(query("www.example"));
  answer_privately(inner, 255);
  EXPECT_EQ(inner.last().rcode, 0);
}

TEST(Rebinding, IsAllowedToUpstreamsOfOurOwnRoutesAndExceptions) {
  World inner(with_public_upstream());
  inner.ask();
  answer_privately(inner, 1);
  EXPECT_EQ(inner.last().rcode, 0);

  config::Config config = with_public_upstream();
  config.routes.push_back({"example", {0}});
  World routed(config);
  routed.ask();
  answer_privately(routed, 0);
  EXPECT_EQ(routed.last().rcode, 0);

  config = with_public_upstream();
  config.names.rebinding_except = {"example"};
  World excepted(config);
  excepted.ask();
  answer_privately(excepted, 0);
  EXPECT_EQ(excepted.last().rcode, 0);

  config.names.rebinding_except.clear();
  config.names.refuse_rebinding = false;
  World off(config);
  off.ask();
  answer_privately(off, 0);
  EXPECT_EQ(off.last().rcode, 0);
}

TEST(SuffixFlood, TurnsToTcpWhoMayBeForged) {
  config::Config config = config_with(1);
  config.limits.suffix_rate = 5;
  World world(config);
  const auto ask = [&](int number, const Client& client) {
    const std::size_t asks = world.outlet.asks.size();
    world.ask(query("r" + std::to_string(number) + ".victim.example"), client);
    if (world.outlet.asks.size() == asks) return false;
    auto reply = World::reply_to(world.outlet.asks.back());
    world.answer(0,
                 reply.rcode(3).authority("victim.example", dns::Type::SOA, dns::testing::soa()));
    return true;
  };
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(ask(i, udp_client(static_cast<std::uint8_t>(i))));
  EXPECT_FALSE(ask(5, udp_client(99)));
  EXPECT_TRUE(world.last().header.has(dns::kFlagTruncated));
  EXPECT_EQ(world.counters.refusals(Reason::suffix_rate), 1U);
  EXPECT_TRUE(ask(6, tcp_client(99)));
  // What the cache has it gives to all.
  world.ask(query("r0.victim.example"), udp_client(98));
  EXPECT_EQ(world.last().rcode, 3);
}

// Octets out for octets in, for everything that is not an answer to a good question over UDP.
TEST(Amplification, OfRefusalsIsAtMostOne) {
  struct Row {
    const char* what;
    Bytes message;
    double most = 1.0;
  };
  using dns::ClientMessage;
  using dns::Type;
  const dns::Name longest = dns::name(std::string(62, 'a') + "." + std::string(62, 'b') + "." +
                                      std::string(62, 'c') + "." + std::string(60, 'd'));
  ClientMessage status;
  status.flags = 0x1000;
  ClientMessage two_questions;
  two_questions.qdcount = 2;
  ClientMessage bare;
  bare.qdcount = 0;
  bare.question.clear();
  const Row rows[] = {
      {"zone transfer", query("example", Type::AXFR)},
      {"zone transfer, no EDNS", ClientMessage().ask(dns::name("example"), Type::AXFR).octets()},
      {"type refused", query("example", Type::TSIG)},
      {"class CH", ClientMessage().ask(dns::name("version.bind"), Type::TXT, 3).add_opt().octets()},
      {"STATUS", status.octets()},
      {"two questions", two_questions.octets()},
      {"no question", bare.octets()},
      {"bad version", ClientMessage().add_opt({}, 1232, 1U << 16).octets()},
      {"bad cookie", with_options(dns::option(dns::EdnsOption::cookie, "01"))},
      {"the root, DO",
       ClientMessage().ask(dns::name("."), Type::AXFR).add_opt({}, 4096, 0x8000).octets()},
      {"longest name", query(dns::text(longest), Type::AXFR)},
      // RFC 8482's HINFO is the one answer that we make up for any name.
      {"ANY", query("example", Type::ANY), 2.0},
      {"over the rate", query("www.example", Type::A)},
      {"over the rate, cookie", with_options(kClientCookie)},
      {"over the rate, DO", ClientMessage().add_opt({}, 4096, 0x8000).octets()},
      {"over the rate, no EDNS", ClientMessage().octets()},
      {"over the rate, longest", query(dns::text(longest))},
  };
  std::printf("%-26s %6s %6s %7s\n", "what (UDP)", "in", "out", "factor");
  double largest = 0;
  for (const Row& row : rows) {
    const bool over = std::string_view(row.what).starts_with("over");
    World world(over ? limited(1) : config_with(1));
    if (over) world.ask();
    ASSERT_TRUE(world.ask(row.message)) << row.what;
    ASSERT_FALSE(world.outlet.responses.empty()) << row.what;
    const std::size_t out = world.outlet.responses.back().octets.size();
    const double factor = static_cast<double>(out) / static_cast<double>(row.message.size());
    std::printf("%-26s %6zu %6zu %7.2f\n", row.what, row.message.size(), out, factor);
    EXPECT_LE(factor, row.most) << row.what;
    if (row.most <= 1.0) largest = std::max(largest, factor);
  }
  std::printf("largest factor of a refusal: %.2f\n", largest);
}

TEST(Flood, TheUnknownAreSentForACookieThatThenWorks) {
  config::Config config = config_with(1);
  config.limits.cookies = config::Cookies::require_under_attack;
  World world(config);
  world.flood_until =
      static_cast<std::uint64_t>((world.now + std::chrono::seconds(5)).time_since_epoch().count());
  const Bytes old =
      dns::option(dns::EdnsOption::cookie, "0102030405060708 01000000 00000000 1122334455667788");
  const Bytes message = with_options(old);
  ASSERT_TRUE(world.ask(message));
  EXPECT_EQ(world.last().rcode, 23);  // BADCOOKIE
  EXPECT_FALSE(world.last().header.has(dns::kFlagTruncated));
  EXPECT_LE(world.outlet.responses.back().octets.size(), message.size());
  const Bytes cookie = cookie_of(world.outlet.responses.back().octets);
  ASSERT_FALSE(cookie.empty());
  ASSERT_TRUE(world.ask(with_options(cookie)));
  EXPECT_THAT(world.outlet.asks, SizeIs(1));
  ASSERT_TRUE(world.ask());
  EXPECT_TRUE(world.last().header.has(dns::kFlagTruncated));
  EXPECT_EQ(world.counters.refusals(Reason::cookie_required), 2U);
}

}  // namespace
}  // namespace dotkeep::frontend
