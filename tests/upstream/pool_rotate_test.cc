// Connections replaced by age and by count, grown with the load and given up after it.
#include <gtest/gtest.h>

#include "tests/upstream/fake_world.h"

namespace dotkeep::upstream {
namespace {

struct One : Bench {
  One() : Bench(1) {}
  // One query and its answer on whichever connection it went; that connection.
  LinkNumber ask_and_answer() {
    world.records.clear();
    ask(1, 1, 60'000);
    turn();
    EXPECT_EQ(world.records.size(), 1U);
    const LinkNumber link = world.records.begin()->first;
    reply_to_all(link);
    return link;
  }
  // A query now and then keeps a connection from being idle.
  void use_for(Duration time) {
    for (const Time end = now + time; now < end;) {
      pass(std::min<Duration>(end - now, 9s));
      ask_and_answer();
    }
  }
  // Until its age has another one opened.
  void wear_out() {
    use_for(kRotateAfter * 3 / 4 - 10s);
    ASSERT_EQ(requests(0), 1U);
    for (const Time end = now + kRotateAfter / 4 + 20s; requests(0) == 1 && now < end;) use_for(1s);
    ASSERT_EQ(requests(0), 2U);
  }
  LinkNumber first = establish(0);
};

TEST(PoolRotate, ByAgeAFreshOneFirst) {
  One b;
  b.wear_out();
  EXPECT_EQ(b.ask_and_answer(), b.first);
  b.ask(2, 1, 60'000);
  b.turn();
  const Sent in_flight = b.sent(b.first).back();
  const LinkNumber fresh = b.establish(0);
  b.pass(kTick);
  EXPECT_FALSE(b.world.is_closed(b.first));
  b.world.answers.clear();
  b.world.records.clear();
  b.ask(3);
  b.turn();
  EXPECT_TRUE(b.sent(b.first).empty());
  EXPECT_EQ(b.sent(fresh).size(), 1U);
  b.reply_to_all(fresh);
  b.reply(b.first, in_flight.id);  // what it had it finishes
  EXPECT_TRUE(b.world.is_closed(b.first));
  EXPECT_EQ(b.world.answers.size(), 2U);
  EXPECT_TRUE(b.world.failures.empty());
  EXPECT_TRUE(b.world.downs.empty());
  EXPECT_EQ(b.world.ups.size(), 1U);
}

TEST(PoolRotate, ByCount) {
  One b;
  for (std::uint32_t i = 0; i < kRotateQueries - 1; ++i) b.ask_and_answer();
  b.pass(kTick);
  ASSERT_EQ(b.requests(0), 1U);
  b.ask_and_answer();
  b.pass(kTick);
  ASSERT_EQ(b.requests(0), 2U);
  const LinkNumber fresh = b.establish(0);
  b.pass(2 * kTick);
  EXPECT_TRUE(b.world.is_closed(b.first));
  EXPECT_EQ(b.ask_and_answer(), fresh);
}

TEST(PoolRotate, TheOldOneServesOnWhenAFreshOneCannotBeOpened) {
  One b;
  b.wear_out();
  for (std::size_t tries = 2; tries < 6; ++tries) {
    ASSERT_GE(b.requests(0), tries);
    b.refuse(0);
    b.use_for(kMaxBackoff);
    EXPECT_EQ(b.ask_and_answer(), b.first);
  }
  EXPECT_TRUE(b.world.downs.empty());
  EXPECT_FALSE(b.world.is_closed(b.first));
  EXPECT_LT(b.requests(0), 12U);  // in step with the back-off
}

TEST(PoolRotate, AnIdleOneIsClosedNotReplaced) {
  One b;
  b.pool.idle_time({b.first, 65535}, b.now);
  b.use_for(kRotateAfter * 3 / 4 - 10s);
  b.pass(kRotateAfter);
  EXPECT_TRUE(b.world.is_closed(b.first));
  b.pass(kWarmFor);
  EXPECT_EQ(b.requests(0), 1U);
}

// As many connections as may be, opened in the same moment, with a load that needs them all.
TEST(PoolRotate, UnderFullLoadTooNobodyIsLetDown) {
  Bench b(1, config::Select::ordered, 65536);
  std::vector<LinkNumber> links{b.establish(0)};
  ipc::Ticket ticket = 0;
  const auto is_open = [&](LinkNumber link) { return !b.world.is_closed(link); };
  const auto round = [&] {
    for (std::size_t i = 0; i < kMaxConnections * kSpreadInFlight; ++i) b.ask(++ticket, 1, 60'000);
    b.turn();
    for (int i = 0; i < 3; ++i) {
      b.pass(kTick);
      if (b.pool.server_of_opening(b.requested(0))) links.push_back(b.establish(0));
    }
    for (const LinkNumber link : links) {
      if (is_open(link)) b.reply_to_all(link);
    }
    b.world.records.clear();
    b.now += 4s;
  };
  for (int i = 0; i < 4; ++i) round();
  const std::size_t grown = links.size();
  ASSERT_EQ(grown, kMaxConnections);
  for (const Time end = b.now + kRotateAfter; b.now < end; round()) {
    ASSERT_GE(std::ranges::count_if(links, is_open), static_cast<int>(kMaxConnections) - 1);
  }
  for (std::size_t i = 0; i < grown; ++i) EXPECT_FALSE(is_open(links[i]));
  EXPECT_LE(links.size(), 3 * grown);
  EXPECT_EQ(b.pool.pending(), 0U);
  EXPECT_TRUE(b.world.failures.empty());
  EXPECT_TRUE(b.world.downs.empty());
}

struct Grown : One {
  Grown() {
    for (ipc::Ticket t = 0; t < kSpreadInFlight; ++t) ask(t);
    turn();
    second = establish(0);
    reply_to_all(first);
    world.records.clear();
  }
  LinkNumber second = 0;
};

TEST(PoolShrinks, WhatOneConnectionCarriesGoesOnOne) {
  Grown b;
  for (ipc::Ticket t = 0; t < kSpreadInFlight / 2; ++t) b.ask(t);
  b.turn();
  EXPECT_EQ(b.world.records.size(), 1U);
  for (ipc::Ticket t = 0; t < kSpreadInFlight; ++t) b.ask(t);
  b.turn();
  EXPECT_EQ(b.sent(b.first).size() + b.sent(b.second).size(), kSpreadInFlight * 3 / 2);
  EXPECT_LE(std::max(b.sent(b.first).size(), b.sent(b.second).size()), kSpreadInFlight);
}

TEST(PoolShrinks, WhatTheLoadDoesNotNeedIsClosed) {
  Grown b;
  const LinkNumber kept = b.ask_and_answer();
  const LinkNumber spare = kept == b.first ? b.second : b.first;
  for (int i = 0; i < 4; ++i) {
    b.pass(kSpareIdle / 4 - 100ms);
    EXPECT_FALSE(b.world.is_closed(spare));
    EXPECT_EQ(b.ask_and_answer(), kept);
  }
  b.pass(1s);
  EXPECT_TRUE(b.world.is_closed(spare));
  b.pass(kIdleDefault - 2s);
  EXPECT_FALSE(b.world.is_closed(kept));  // the last one stays for as long as any
  b.pass(2s);
  EXPECT_TRUE(b.world.is_closed(kept));
}

}  // namespace
}  // namespace dotkeep::upstream
