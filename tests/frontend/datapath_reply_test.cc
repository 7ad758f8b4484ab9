// From what the upstream room says to the client's response, or to another upstream.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/frontend/fake_outlet.h"

namespace dotkeep::frontend {
namespace {

using dns::testing::hex;
using dns::testing::ReplyMessage;
using ::testing::SizeIs;

// A reply that does not belong to the question.
ReplyMessage with_other_id(const FakeOutlet::Sent& sent) {
  ReplyMessage reply = World::reply_to(sent);
  reply.id ^= 1;
  return reply;
}

ReplyMessage servfail(const FakeOutlet::Sent& sent, const Bytes& options = {}) {
  return World::reply_to(sent).rcode(2).opt(options);
}

TEST(Fault, IsSaidInTheLogAtABoundedRate) {
  World world(config_with(1));
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(world.ask());
    world.answer(0, with_other_id(world.outlet.asks.back()));
    world.now += std::chrono::milliseconds(10);
  }
  const std::string lines = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::ranges::count(lines, '\n'), 5);
  EXPECT_THAT(lines, ::testing::HasSubstr("reason=id_mismatch unsaid_before=9"));
}

TEST(Answer, ReachesWhoAskedWithItsIdAndSpelling) {
  World world;
  ASSERT_TRUE(world.ask(query("WwW.ExAmPlE"), udp_client(5)));
  world.answer_well();
  ASSERT_THAT(world.outlet.responses, SizeIs(1));
  EXPECT_EQ(world.outlet.responses[0].client.ip, v4(5));
  const Said said = world.last();
  EXPECT_EQ(said.header.id, 0xabcd);
  EXPECT_TRUE(said.header.is_response());
  EXPECT_EQ(said.question, "WwW.ExAmPlE.");
  EXPECT_EQ(said.rcode, 0);
  EXPECT_EQ(said.header.answers, 1);
  EXPECT_EQ(said.error, "");
  const Bytes address = hex("c0000201");
  EXPECT_FALSE(std::ranges::search(world.outlet.responses[0].octets, address).empty());
  EXPECT_EQ(world.path.pending(), 0U);
  EXPECT_EQ(world.path.counters().answered, 1U);
  EXPECT_EQ(world.path.counters().servfail, 0U);
}

TEST(Answer, IsLimitedByItsTransport) {
  World world;
  for (const Client& client : {udp_client(), tcp_client()}) {
    ASSERT_TRUE(world.ask(query("www.example", dns::Type::TXT), client));
    ReplyMessage reply = World::reply_to(world.outlet.asks.back());
    for (int i = 0; i < 8; ++i) {
      Bytes record(201, static_cast<std::uint8_t>('a' + i));
      record[0] = 200;
      reply.answer("www.example", dns::Type::TXT, record);
    }
    world.answer(0, reply);
  }
  const Said udp = read(world.outlet.responses[0].octets);
  EXPECT_TRUE(udp.header.has(dns::kFlagTruncated));
  EXPECT_EQ(udp.header.answers, 0);
  const Said tcp = world.last();
  EXPECT_FALSE(tcp.header.has(dns::kFlagTruncated));
  EXPECT_EQ(tcp.header.answers, 8);
}

TEST(Answer, TellsTheIdleTimeOnTcpToWhoAsks) {
  World world;
  dns::ClientMessage asks_keepalive;
  asks_keepalive.add_opt(dns::option(dns::EdnsOption::tcp_keepalive, ""));
  const auto said = [&world](const Bytes& message, const Client& client) {
    EXPECT_TRUE(world.ask(message, client));
    world.answer_well();
    return world.last().keepalive;
  };
  EXPECT_EQ(said(asks_keepalive.octets(), tcp_client()), 100);  // of 100 ms: kTcpIdleTime
  EXPECT_EQ(said(asks_keepalive.octets(), udp_client()), std::nullopt);
  EXPECT_EQ(said(query(), tcp_client()), std::nullopt);
}

TEST(Answer, ToAClientThatIsGoneEndsTheQuery) {
  World world;
  ASSERT_TRUE(world.ask(query(), tcp_client()));
  world.outlet.clients_gone = true;
  world.answer_well();
  EXPECT_TRUE(world.outlet.responses.empty());
  EXPECT_EQ(world.path.pending(), 0U);
}

TEST(Answer, TooLateIsCountedAndNothingElse) {
  World world;
  ASSERT_TRUE(world.ask());
  world.answer_well();
  world.answer_well();
  world.fail(UpstreamFault::closed);
  EXPECT_THAT(world.outlet.responses, SizeIs(1));
  EXPECT_EQ(world.path.counters().late_answers, 2U);
  EXPECT_EQ(world.path.counters().answered, 1U);
}

TEST(Answer, TooLateIsNotTakenForThatOfTheNextQuery) {
  config::Config config = config_with(1);
  config.limits.pending = 1;  // so that the next one has the same slot
  World world(config);
  ASSERT_TRUE(world.ask());
  const ipc::Ticket old = world.outlet.asks[0].ask.ticket;
  world.fail(UpstreamFault::closed);
  ASSERT_TRUE(world.ask());
  const Bytes reply = World::reply_to(world.outlet.asks.back()).a("www.example").bytes();
  world.path.on_answer({old, 0, 42, reply}, world.now);
  EXPECT_EQ(world.path.pending(), 1U);
  EXPECT_EQ(world.path.counters().late_answers, 1U);
}

TEST(Answer, WithAKeepaliveTellsTheUpstreamRoom) {
  World world;
  ASSERT_TRUE(world.ask(query("www.example")));
  const Bytes keepalive = dns::option(dns::EdnsOption::tcp_keepalive, "012c");
  world.answer(0, World::reply_to(world.outlet.asks[0]).a("www.example").opt(keepalive));
  ASSERT_THAT(world.outlet.idle_times, SizeIs(1));
  EXPECT_EQ(world.outlet.idle_times[0].connection, 42U);
  EXPECT_EQ(world.outlet.idle_times[0].units_of_100_ms, 300);
}

TEST(Answer, WithoutAKeepaliveOrNotBelievedTellsNothing) {
  World world;
  ASSERT_TRUE(world.ask(query("www.example")));
  const Bytes keepalive = dns::option(dns::EdnsOption::tcp_keepalive, "012c");
  world.answer(0, with_other_id(world.outlet.asks[0]).a("www.example").opt(keepalive));
  world.answer_well(1);
  EXPECT_TRUE(world.outlet.idle_times.empty());
}

TEST(Fault, OfAReplyAsksAnotherUpstream) {
  World world;
  ASSERT_TRUE(world.ask());
  world.answer(1, with_other_id(world.outlet.asks[0]));
  EXPECT_TRUE(world.outlet.responses.empty());
  ASSERT_THAT(world.outlet.asks, SizeIs(2));
  EXPECT_EQ(world.outlet.asks[1].ask.upstreams, 0b01U);
  EXPECT_EQ(world.outlet.asks[1].ask.ticket, world.outlet.asks[0].ask.ticket);
  EXPECT_EQ(world.outlet.asks[1].query, world.outlet.asks[0].query);
  const auto fault = static_cast<std::size_t>(dns::ReplyFault::id_mismatch);
  EXPECT_EQ(world.path.counters().reply_faults[fault], 1U);
  world.answer_well(0);
  EXPECT_EQ(world.last().rcode, 0);
  EXPECT_EQ(world.path.counters().asks, 2U);
}

TEST(Fault, OfTheLastUpstreamIsServfailThatNamesIt) {
  World world;
  ASSERT_TRUE(world.ask());
  world.answer(0, servfail(world.outlet.asks[0]));
  world.answer(1, with_other_id(world.outlet.asks[1]));
  ASSERT_THAT(world.outlet.responses, SizeIs(1));
  EXPECT_EQ(world.last().rcode, kServfail);
  EXPECT_EQ(world.last().error, "23 two: id_mismatch");
  EXPECT_EQ(world.path.pending(), 0U);
  EXPECT_EQ(world.path.counters().servfail, 1U);
  EXPECT_EQ(world.path.counters().answered, 0U);
}

TEST(Fault, ServfailOfTheLastUpstreamIsNotItsLie) {
  World world;
  ASSERT_TRUE(world.ask());
  world.answer(1, servfail(world.outlet.asks[0]));
  EXPECT_TRUE(world.outlet.responses.empty());
  world.answer(0, servfail(world.outlet.asks[1]));
  EXPECT_EQ(world.last().rcode, kServfail);
  EXPECT_EQ(world.last().error, "22 one: upstream_servfail");
}

TEST(Fault, WhatAnUpstreamSaysAboutItsServfailReachesTheClient) {
  World world(config_with(1));
  ASSERT_TRUE(world.ask());
  const Bytes bogus = dns::option(dns::EdnsOption::extended_error, "0006 626f677573");
  world.answer(0, servfail(world.outlet.asks[0], bogus));
  EXPECT_EQ(world.last().error, "6 bogus");
}

TEST(Fault, WhatAnUnusableReplySaysAboutItselfDoesNot) {
  World world(config_with(1));
  ASSERT_TRUE(world.ask());
  const Bytes bogus = dns::option(dns::EdnsOption::extended_error, "0006 626f677573");
  world.answer(0, World::reply_to(world.outlet.asks[0]).opt(bogus));
  EXPECT_EQ(world.last().error, "23 one: nothing_answers");
}

TEST(Fault, AQueryIsAskedThreeTimesAtMost) {
  World world(config_with(5));
  ASSERT_TRUE(world.ask());
  for (std::uint8_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(world.outlet.responses.empty());
    world.answer(i, servfail(world.outlet.asks.back()));
  }
  EXPECT_THAT(world.outlet.asks, SizeIs(3));
  EXPECT_EQ(world.outlet.asks[2].ask.upstreams, 0b11100U);
  EXPECT_EQ(world.last().error, "22 three: upstream_servfail");
}

TEST(Fault, IsNotRetriedWithoutTimeOrOverAFullWall) {
  World late;
  ASSERT_TRUE(late.ask());
  late.now += std::chrono::seconds(5);
  late.answer(0, servfail(late.outlet.asks[0]));
  EXPECT_THAT(late.outlet.asks, SizeIs(1));
  EXPECT_EQ(late.last().rcode, kServfail);

  World full;
  ASSERT_TRUE(full.ask());
  full.outlet.wall = Outlet::Asked::full;
  full.answer(0, servfail(full.outlet.asks[0]));
  EXPECT_EQ(full.last().error, "22 one: upstream_servfail");
  EXPECT_EQ(full.path.pending(), 0U);
}

TEST(Fault, WithoutEdnsIsServfailAlone) {
  World world(config_with(1));
  ASSERT_TRUE(world.ask(dns::ClientMessage().octets()));
  world.fail(UpstreamFault::refused);
  EXPECT_EQ(world.last().rcode, kServfail);
  EXPECT_FALSE(world.last().edns);
}

TEST(Failure, SaysWhetherTheUpstreamWasReached) {
  const auto error = [](UpstreamFault fault, std::uint8_t upstream) {
    World world;
    EXPECT_TRUE(world.ask());
    world.fail(fault, upstream);
    EXPECT_EQ(world.last().rcode, kServfail);
    EXPECT_EQ(world.path.pending(), 0U);
    EXPECT_THAT(world.outlet.asks, SizeIs(1));  // the upstream room has tried the others
    EXPECT_EQ(world.path.counters().upstream_faults[static_cast<std::size_t>(fault)], 1U);
    return world.last().error;
  };
  EXPECT_EQ(error(UpstreamFault::refused, 0), "22 one: connection refused");
  EXPECT_EQ(error(UpstreamFault::pin_mismatch, 1), "22 two: certificate pin mismatch");
  EXPECT_EQ(error(UpstreamFault::time_out, 1), "23 two: time-out");
  EXPECT_EQ(error(UpstreamFault::closed, 0), "23 one: closed before the answer");
  EXPECT_EQ(error(UpstreamFault::bad_frames, 0), "23 one: invalid DNS framing");
  EXPECT_EQ(error(UpstreamFault::no_upstream, ipc::Failure::kNoUpstream), "22 no upstream is up");
}

}  // namespace
}  // namespace dotkeep::frontend
