// Two channels over a real socket pair, their loop turned by hand: the same steps as Loop::run()
// without its wait.
#include "ipc/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

namespace dotkeep::ipc {
namespace {

struct Pair {
  Pair() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()),
              0);
    a = Fd(ends[0]);
    b = Fd(ends[1]);
  }
  Fd a, b;
};

class ChannelTest : public testing::Test {
 protected:
  struct End {
    End(Loop& loop, std::size_t backlog)
        : channel(loop, backlog,
                  {[this](Octets record, Passed& passed) {
                     records.emplace_back(record.begin(), record.end());
                     descriptors += passed.count;
                     if (passed.count != 0) received = std::move(passed.fds[0]);
                     return accepts;
                   },
                   [this](ChannelEnd how) { ends.push_back(how); }}) {
      channel.on_room = [this] { ++rooms; };
    }
    std::vector<std::vector<std::uint8_t>> records;
    std::vector<ChannelEnd> ends;
    std::size_t descriptors = 0;
    Fd received;
    int rooms = 0;
    bool accepts = true;
    Channel channel;
  };

  void turn() {
    loop.turn_at_once();
    left.channel.flush();
    right.channel.flush();
  }
  void settle() {
    for (int i = 0; i < 200; ++i) turn();
  }
  static Failure failure(std::uint32_t ticket) { return {ticket, 1, UpstreamFault::closed}; }

  Loop loop;
  End left{loop, 2};
  End right{loop, 2};
};

TEST_F(ChannelTest, ATurnsMessagesArriveInOneRecord) {
  Pair pair;
  left.channel.open(std::move(pair.a));
  right.channel.open(std::move(pair.b));
  for (std::uint32_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(left.channel.append(UpstreamToFrontend(failure(i))));
  }
  settle();
  ASSERT_EQ(right.records.size(), 1U);
  Reader reader(right.records[0]);
  for (std::uint32_t i = 0; i < 10; ++i) {
    const auto message = decode<UpstreamToFrontend>(reader);
    ASSERT_TRUE(message);
    EXPECT_EQ(std::get<Failure>(*message).ticket, i);
  }
  ASSERT_TRUE(left.channel.append(UpstreamToFrontend(failure(10))));
  settle();
  EXPECT_EQ(right.records.size(), 2U);
}

TEST_F(ChannelTest, NothingIsTakenWhenClosed) {
  EXPECT_FALSE(left.channel.append(UpstreamToFrontend(failure(1))));
  EXPECT_FALSE(left.channel.has_room());
  EXPECT_FALSE(left.channel.send_with(ConnectorToUpstream(Connecting{1}), 0));
}

TEST_F(ChannelTest, ADescriptorTravels) {
  Pair pair;
  left.channel.open(std::move(pair.a));
  right.channel.open(std::move(pair.b));
  std::array<int, 2> ends{-1, -1};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  ASSERT_TRUE(left.channel.send_with(ConnectorToUpstream(Connecting{1}), write_end.get()));
  write_end.reset();
  settle();
  ASSERT_EQ(right.descriptors, 1U);
  EXPECT_EQ(::fcntl(right.received.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  ASSERT_EQ(::write(right.received.get(), "x", 1), 1);
  char octet = 0;
  EXPECT_EQ(::read(read_end.get(), &octet, 1), 1);
}

TEST_F(ChannelTest, MoreDescriptorsThanAnyMessageAsksForAreABreachAndNoneStaysOpen) {
  Pair pair;
  right.channel.open(std::move(pair.b));
  std::array<int, 2> ends{-1, -1};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  for (const std::size_t count : {kMaxPassed + 1, kMaxPassed + 9}) {
    std::vector<int> fds(count, write_end.get());
    std::uint8_t octet = 0;
    iovec vector{&octet, 1};
    std::vector<char> control(CMSG_SPACE(count * sizeof(int)));
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(c), fds.data(), count * sizeof(int));
    ASSERT_EQ(::sendmsg(pair.a.get(), &header, 0), 1);
    settle();
    ASSERT_EQ(right.ends, std::vector<ChannelEnd>{ChannelEnd::breach}) << count;
    EXPECT_TRUE(right.records.empty());
    right.ends.clear();
    Pair fresh;
    pair.a = std::move(fresh.a);
    right.channel.open(std::move(fresh.b));
  }
  write_end.reset();
  char octet = 0;
  EXPECT_EQ(::read(read_end.get(), &octet, 1), 0);  // end of file: nobody holds the other end
}

TEST_F(ChannelTest, ARecordThatIsTooLargeIsABreach) {
  Pair pair;
  right.channel.open(std::move(pair.b));
  const std::vector<std::uint8_t> octets(kMaxRecord + 1);
  ASSERT_EQ(::send(pair.a.get(), octets.data(), octets.size(), 0),
            static_cast<ssize_t>(octets.size()));
  settle();
  EXPECT_EQ(right.ends, std::vector<ChannelEnd>{ChannelEnd::breach});
  EXPECT_FALSE(right.channel.is_open());
  EXPECT_TRUE(right.records.empty());
}

TEST_F(ChannelTest, WhatTheOwnerCallsABreachEndsTheChannel) {
  Pair pair;
  left.channel.open(std::move(pair.a));
  right.channel.open(std::move(pair.b));
  right.accepts = false;
  ASSERT_TRUE(left.channel.append(UpstreamToFrontend(failure(1))));
  settle();
  EXPECT_EQ(right.ends, std::vector<ChannelEnd>{ChannelEnd::breach});
  EXPECT_EQ(left.ends, std::vector<ChannelEnd>{ChannelEnd::peer_gone});
}

TEST_F(ChannelTest, APeerThatGoesIsToldOnceAndMayBeReplaced) {
  Pair pair;
  left.channel.open(std::move(pair.a));
  pair.b.reset();
  settle();
  EXPECT_EQ(left.ends, std::vector<ChannelEnd>{ChannelEnd::peer_gone});
  EXPECT_FALSE(left.channel.is_open());
  Pair second;
  left.channel.open(std::move(second.a));
  right.channel.open(std::move(second.b));
  ASSERT_TRUE(left.channel.append(UpstreamToFrontend(failure(1))));
  ASSERT_TRUE(right.channel.append(UpstreamToFrontend(failure(2))));
  settle();
  EXPECT_EQ(left.records.size(), 1U);
  EXPECT_EQ(right.records.size(), 1U);
}

TEST_F(ChannelTest, WhatWaitedForAFormerPeerIsDropped) {
  Pair first;
  left.channel.open(std::move(first.a));
  ASSERT_TRUE(left.channel.append(UpstreamToFrontend(failure(1))));
  Pair second;
  left.channel.open(std::move(second.a));
  right.channel.open(std::move(second.b));
  settle();
  EXPECT_TRUE(right.records.empty());
}

TEST_F(ChannelTest, WhatWaitsForAPeerThatWentIsDroppedAndTheEndIsTold) {
  Pair pair;
  left.channel.open(std::move(pair.a));
  ASSERT_TRUE(left.channel.append(UpstreamToFrontend(failure(1))));
  pair.b.reset();
  left.channel.flush();  // before the loop has seen the end
  EXPECT_TRUE(left.channel.has_room());
  EXPECT_TRUE(left.ends.empty());
  settle();
  EXPECT_EQ(left.ends, std::vector<ChannelEnd>{ChannelEnd::peer_gone});
}

// A peer that does not read: the backlog fills, nothing more is taken, nothing blocks; when it
// reads again all that was taken arrives, in order, and the owner hears of the room.
TEST_F(ChannelTest, ASlowPeerIsWaitedForWithinTheBacklog) {
  Pair pair;
  left.channel.open(std::move(pair.a));
  const std::vector<std::uint8_t> reply(60'000);
  std::uint32_t taken = 0;
  int refused = 0;
  while (refused < 3) {
    if (left.channel.append(UpstreamToFrontend(Answer{taken, 1, 1, reply}))) {
      ++taken;
    } else {
      ++refused;
    }
    turn();
    ASSERT_LT(taken, 100U);
  }
  EXPECT_FALSE(left.channel.has_room());
  EXPECT_EQ(left.rooms, 0);
  right.channel.open(std::move(pair.b));
  settle();
  EXPECT_GE(left.rooms, 1);
  EXPECT_TRUE(left.channel.has_room());
  std::uint32_t next = 0;
  for (const auto& record : right.records) {
    Reader reader(record);
    while (!reader.empty()) {
      const auto message = decode<UpstreamToFrontend>(reader);
      ASSERT_TRUE(message);
      EXPECT_EQ(std::get<Answer>(*message).ticket, next++);
    }
  }
  EXPECT_EQ(next, taken);
}

}  // namespace
}  // namespace dotkeep::ipc
