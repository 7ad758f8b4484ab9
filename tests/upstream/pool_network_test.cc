// Changes of the network, as the connector tells of them.
#include <gtest/gtest.h>

#include "tests/upstream/fake_world.h"

namespace dotkeep::upstream {
namespace {

TEST(Network, AnIdleConnectionIsOpenedAnewAtOnce) {
  Bench b(1);
  const LinkNumber idle = b.establish(0);
  b.ask(1);
  b.turn();
  b.reply_to_all(idle);
  b.pass(5s);
  EXPECT_FALSE(b.world.is_closed(idle));
  b.pool.network_changed(b.now);
  EXPECT_TRUE(b.world.is_closed(idle));
  b.ask(2);
  const LinkNumber fresh = b.establish(0);
  EXPECT_NE(fresh, idle);
  b.turn();
  EXPECT_EQ(b.sent(fresh).size(), 1U);
}

TEST(Network, ABusyConnectionIsPassedOverUntilItAnswers) {
  Bench b(1);
  const LinkNumber busy = b.establish(0);
  b.ask(1);
  b.turn();
  b.pool.network_changed(b.now);
  EXPECT_FALSE(b.world.is_closed(busy));
  const LinkNumber fresh = b.establish(0);
  ASSERT_NE(fresh, busy);
  b.ask(2);
  b.turn();
  EXPECT_EQ(b.sent(busy).size(), 1U);
  EXPECT_EQ(b.sent(fresh).size(), 1U);
  b.reply_to_all(fresh);
  b.now += 1ms;
  b.reply_to_all(busy);  // it lives, and of equals the one used last is taken
  b.ask(3);
  b.turn();
  EXPECT_EQ(b.sent(busy).size(), 2U);
}

TEST(Network, BackoffEndsAndAnAttemptUnderWayIsMadeAnew) {
  Bench b(1);
  b.pass_refused(20s, 0, UpstreamFault::unreachable);
  b.ask(1, 1, 60000);
  const LinkNumber before = b.requested(0);
  b.pass(kTick);
  const LinkNumber waiting = b.requested(0);  // for a packet that is lost
  b.pool.network_changed(b.now);
  EXPECT_GT(b.requested(0), std::max(before, waiting) & 0xff);
  EXPECT_TRUE(waiting == before || b.world.is_closed(waiting));
  const LinkNumber fresh = b.establish(0);
  b.turn();
  EXPECT_EQ(b.sent(fresh).size(), 1U);
}

// How often connections are opened anew in `time` of a change every 100 ms.
std::size_t anew(Bench& b, Duration time) {
  const std::size_t before = b.world.requests.size();
  for (const Time end = b.now + time; b.now < end; b.pass(100ms)) {
    if (b.pool.server_of_opening(b.requested(0))) b.establish(0);
    b.ask(static_cast<ipc::Ticket>(b.now.time_since_epoch() / 1ms));
    b.turn();
    for (const auto& request : b.world.requests) {
      const auto sent = b.sent(request.number);
      if (!b.world.is_closed(request.number) && !sent.empty()) {
        b.reply(request.number, sent.back().id);
      }
    }
    b.pool.network_changed(b.now);
  }
  return b.world.requests.size() - before;
}

TEST(Network, ChangesWithoutEndAreHeededEverMoreRarely) {
  Bench b(1);
  const std::size_t first = anew(b, 8s);
  EXPECT_GE(first, 4U);
  EXPECT_LE(first, 7U);
  anew(b, 20s);
  EXPECT_LE(anew(b, 60s), 9U);
}

TEST(Network, TheLastOfSeveralChangesIsHeededToo) {
  Bench b(1);
  b.establish(0);
  b.pool.network_changed(b.now);  // the address went,
  b.pass(50ms);
  b.ask(1);
  const LinkNumber early = b.establish(0);
  b.turn();
  b.reply_to_all(early);
  b.pass(50ms);
  b.pool.network_changed(b.now);  // and came
  EXPECT_FALSE(b.world.is_closed(early));
  EXPECT_LE(b.pool.next_tick(b.now), b.now + kNetworkPauseMost);
  b.pass(2 * kNetworkPause);
  EXPECT_TRUE(b.world.is_closed(early));
}

}  // namespace
}  // namespace dotkeep::upstream
