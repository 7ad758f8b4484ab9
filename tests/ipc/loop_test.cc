// Readiness and time, a turn at a time, over real socket pairs.
#include "ipc/loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <vector>

namespace dotkeep::ipc {
namespace {

using namespace std::chrono_literals;

// A watched stream socket and its peer, which is nobody's.
struct Ends {
  explicit Ends(Loop& loop) {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    watch = std::make_unique<Watch>(loop, Fd(ends[0]));
    peer = Fd(ends[1]);
  }
  void say() const { EXPECT_EQ(::send(peer.get(), "x", 1, MSG_NOSIGNAL), 1); }
  void hear() const {
    char octet = 0;
    EXPECT_EQ(::recv(watch->fd(), &octet, 1, 0), 1);
  }
  // Until nothing more can be written.
  void fill() const {
    const std::vector<char> octets(65536);
    while (::send(watch->fd(), octets.data(), octets.size(), MSG_NOSIGNAL) > 0) {
    }
  }
  void drain() const {
    std::vector<char> octets(65536);
    while (::recv(peer.get(), octets.data(), octets.size(), 0) > 0) {
    }
  }
  std::unique_ptr<Watch> watch;
  Fd peer;
};

class LoopTest : public testing::Test {
 protected:
  // How often the loop comes back in `turns` turns that wait for nothing.
  void turn(int turns = 3) {
    for (int i = 0; i < turns; ++i) loop.turn_at_once();
  }
  // Whether the kernel has anything to tell of, as what epoll_wait() would return to the next turn.
  [[nodiscard]] bool would_wake() const {
    for (int fd = 3; fd < 64; ++fd) {
      epoll_event event{};
      if (::epoll_wait(fd, &event, 1, 0) > 0) return true;
    }
    return false;
  }
  Loop loop;
  int calls = 0;
};

TEST_F(LoopTest, EachWaitIsToldOfOnce) {
  Ends ends(loop);
  ends.watch->when_readable([&] { ++calls; });
  turn();
  EXPECT_EQ(calls, 0);
  ends.say();
  turn();
  EXPECT_EQ(calls, 1);
}

TEST_F(LoopTest, WhatWasThereBeforeTheWaitIsToldOf) {
  Ends ends(loop);
  ends.say();
  turn();
  ends.watch->when_readable([&] { ++calls; });
  turn();
  EXPECT_EQ(calls, 1);
  ends.watch->when_readable([&] { ++calls; });  // still unread, after turns in which nobody waited
  turn();
  EXPECT_EQ(calls, 2);
}

TEST_F(LoopTest, WhoWaitsAnewInItsHandlerIsToldOfAllThatComes) {
  Ends ends(loop);
  std::function<void()> read = [&] {
    ++calls;
    ends.hear();
    ends.watch->when_readable([&] { read(); });
  };
  ends.watch->when_readable([&] { read(); });
  for (int i = 0; i < 5; ++i) {
    ends.say();
    ends.say();
  }
  turn(20);
  EXPECT_EQ(calls, 10);
}

// Not to be woken again and again for a reader that pauses is what one-shot waits are for.
TEST_F(LoopTest, WhatNobodyWaitsForWakesNobody) {
  Ends ends(loop);
  ends.watch->when_readable([&] { ++calls; });
  ends.say();
  turn();
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(would_wake());
  ends.peer.reset();  // nor does a peer that goes meanwhile
  turn();
  EXPECT_FALSE(would_wake());
  ends.watch->when_readable([&] { ++calls; });
  turn();
  EXPECT_EQ(calls, 2);
}

TEST_F(LoopTest, RoomToWriteIsToldOfOnceAndWakesNobodyElse) {
  Ends ends(loop);
  ends.fill();
  ends.watch->when_writable([&] { ++calls; });
  turn();
  EXPECT_EQ(calls, 0);
  ends.drain();
  turn();
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(would_wake());
}

TEST_F(LoopTest, BothWaysAtOnce) {
  Ends ends(loop);
  int reads = 0;
  int writes = 0;
  ends.watch->when_readable([&] { ++reads; });
  ends.watch->when_writable([&] { ++writes; });
  turn();
  EXPECT_EQ(reads, 0);
  EXPECT_EQ(writes, 1);
  ends.say();
  turn();
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(writes, 1);
}

TEST_F(LoopTest, APeerThatGoesIsToldToWhoWritesToo) {
  Ends ends(loop);
  ends.fill();
  ends.watch->when_writable([&] { ++calls; });
  ends.peer.reset();
  turn();
  EXPECT_EQ(calls, 1);
}

// Of a pipe the kernel tells that the other end is gone, and of nothing else.
TEST_F(LoopTest, AnEndThatIsNoReadinessIsToldOf) {
  std::array<int, 2> ends{-1, -1};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  Watch reader(loop, Fd(ends[0]));
  Fd writer(ends[1]);
  reader.when_readable([&] { ++calls; });
  turn();
  EXPECT_EQ(calls, 0);
  writer.reset();
  turn();
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(would_wake());
}

TEST_F(LoopTest, AWatchMayGoInItsOwnHandler) {
  Ends ends(loop);
  ends.watch->when_readable([&] {
    ++calls;
    ends.watch.reset();
  });
  ends.watch->when_writable([&] { ADD_FAILURE() << "it is gone"; });
  ends.say();
  turn();
  EXPECT_EQ(calls, 1);
}

// Whichever is told of first, the other must not hear of it any more.
TEST_F(LoopTest, AWatchMayGoInTheHandlerOfAnother) {
  Ends first(loop);
  Ends second(loop);
  first.watch->when_readable([&] {
    ++calls;
    second.watch.reset();
  });
  second.watch->when_readable([&] {
    ++calls;
    first.watch.reset();
  });
  first.say();
  second.say();
  turn();
  EXPECT_EQ(calls, 1);
}

TEST_F(LoopTest, ASocketThatSomeoneElseHoldsTooIsForgotten) {
  Ends ends(loop);
  const Fd other(::fcntl(ends.watch->fd(), F_DUPFD_CLOEXEC, 100));
  ends.watch->when_readable([&] { ++calls; });
  ends.watch.reset();
  ends.say();
  turn();
  EXPECT_EQ(calls, 0);
  EXPECT_FALSE(would_wake());
}

TEST_F(LoopTest, WhatCannotBeWatchedIsNeverReady) {
  Watch file(loop, Fd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC)));
  file.when_readable([&] { ++calls; });
  turn();
  EXPECT_EQ(calls, 0);
}

TEST_F(LoopTest, NoneOfManyIsPassedOver) {
  std::vector<std::unique_ptr<Ends>> many;
  for (std::size_t i = 0; i < Loop::kMaxEvents + 10; ++i) {
    Ends& ends = *many.emplace_back(std::make_unique<Ends>(loop));
    ends.watch->when_readable([&] {
      ++calls;
      ends.watch->when_readable([] {});
    });
    ends.say();
  }
  turn(1);
  EXPECT_EQ(calls, Loop::kMaxEvents);
  turn(1);  // those of the first turn are ready still, and yet
  EXPECT_EQ(calls, Loop::kMaxEvents + 10);
}

TEST_F(LoopTest, TheHooksRunAfterAllHandlers) {
  Ends ends(loop);
  std::vector<int> order;
  loop.at_end_of_turn([&] { order.push_back(3); });
  loop.at_end_of_turn([&] { order.push_back(4); });
  Timer timer(loop, [&] { order.push_back(2); });
  timer.arm(loop.now());
  ends.watch->when_readable([&] { order.push_back(1); });
  ends.say();
  turn(1);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4}));
}

TEST_F(LoopTest, ATimerSeesATimeThatIsNotBeforeItsOwn) {
  Time seen{};
  Timer timer(loop, [&] { seen = loop.now(); });
  const Time at = loop.now() + 2ms;  // the turn's time is taken now
  timer.arm(at);
  while (seen == Time{}) turn(1);
  EXPECT_GE(seen, at);
  seen = {};
  turn();
  EXPECT_EQ(seen, Time{}) << "it fired twice";
}

TEST_F(LoopTest, ATimerIsArmedForTheEarliestTime) {
  Timer timer(loop, [&] { ++calls; });
  timer.arm(loop.now() + 1h);
  turn();
  EXPECT_EQ(calls, 0);
  timer.arm(loop.now());
  timer.arm(loop.now() + 1h);
  turn();
  EXPECT_EQ(calls, 1);
}

TEST_F(LoopTest, ATimerThatArmsItselfForNowComesOnceATurn) {
  Timer timer(loop, [&] {
    ++calls;
    timer.arm(loop.now());
  });
  timer.arm(loop.now());
  turn(5);
  EXPECT_EQ(calls, 5);
}

TEST_F(LoopTest, ATimeIsKeptForTheTurn) {
  const Time first = loop.now();
  while (monotonic_now() == first) {
  }
  EXPECT_EQ(loop.now(), first);
}

}  // namespace
}  // namespace dotkeep::ipc
