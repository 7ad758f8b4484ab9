// A connection's state: frames cut anywhere, a queue for slow readers, the clock.
#include "frontend/tcp_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "base/fd.h"
#include "tests/base/hex.h"

namespace dotkeep::frontend {
namespace {

using Frame = TcpClient::Frame;
using Overdue = TcpClient::Overdue;

class Connection : public ::testing::Test {
 protected:
  Connection() {
    client.in = memory;
    client.last_active = client.last_progress = start;
  }
  void feed(Octets octets) {
    std::memcpy(memory.data() + client.in_size, octets.data(), octets.size());
    client.in_size += octets.size();
  }
  Frame frame() { return client.frame(message); }

  const Time start{std::chrono::seconds(1000)};
  std::array<std::uint8_t, kTcpInput> memory{};
  Octets message;
  TcpClient client;
};

TEST_F(Connection, AFrameIsWholeWithItsLastOctet) {
  const Bytes frames = from_hex("0003 aabbcc 0001 dd");
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(frame(), Frame::partial) << i;
    feed(Octets(frames).subspan(i, 1));
  }
  ASSERT_EQ(frame(), Frame::whole);
  EXPECT_EQ(to_hex(message), "aabbcc");
  feed(Octets(frames).subspan(5));
  client.drop_frame(3);
  ASSERT_EQ(frame(), Frame::whole);
  EXPECT_EQ(to_hex(message), "dd");
  client.drop_frame(1);
  EXPECT_EQ(client.in_size, 0U);
  EXPECT_EQ(frame(), Frame::partial);
}

TEST_F(Connection, AnEmptyFrameIsOne) {
  feed(from_hex("0000"));
  ASSERT_EQ(frame(), Frame::whole);
  EXPECT_TRUE(message.empty());
}

TEST_F(Connection, TheLongestFrameFillsTheBufferAndALongerOneIsKnownByItsLength) {
  feed(from_hex("0800"));
  feed(Bytes(kMaxTcpQuery, 1));
  ASSERT_EQ(frame(), Frame::whole);
  EXPECT_EQ(message.size(), kMaxTcpQuery);
  client.in_size = 0;
  feed(from_hex("0801"));
  EXPECT_EQ(frame(), Frame::too_long);
}

TEST_F(Connection, PausesForManyInFlightOrUnsent) {
  client.in_flight = kMaxTcpInFlight - 1;
  ASSERT_TRUE(client.out.push(Bytes(kTcpOutPause)));
  EXPECT_FALSE(client.must_pause());
  ASSERT_TRUE(client.out.push(Bytes(1)));
  EXPECT_TRUE(client.must_pause());
  client.out.clear();
  client.in_flight = kMaxTcpInFlight;
  EXPECT_TRUE(client.must_pause());
}

TEST_F(Connection, IsIdleOnlyWithNothingPending) {
  client.spoke = true;
  EXPECT_EQ(client.overdue(start + kTcpIdleTime, kTcpIdleTime), Overdue::no);
  EXPECT_EQ(client.overdue(start + kTcpIdleTime + Duration(1), kTcpIdleTime), Overdue::idle);
  client.in_flight = 1;
  EXPECT_EQ(client.overdue(start + kTcpIdleTime + Duration(1), kTcpIdleTime), Overdue::no);
}

TEST_F(Connection, AMessageHasATimeAndOctetsOfItGainNone) {
  client.message_begun = start;
  client.last_active = start + kTcpMessageTime;
  client.in_flight = 1;
  EXPECT_EQ(client.overdue(start + kTcpMessageTime, kTcpIdleTime), Overdue::no);
  EXPECT_EQ(client.overdue(start + kTcpMessageTime + Duration(1), kTcpIdleTime), Overdue::slow);
}

TEST_F(Connection, AReaderHasToTakeSomethingNowAndThen) {
  ASSERT_TRUE(client.out.push(Bytes(10)));
  EXPECT_EQ(client.overdue(start + kTcpWriteTime, kTcpIdleTime), Overdue::no);
  EXPECT_EQ(client.overdue(start + kTcpWriteTime + Duration(1), kTcpIdleTime), Overdue::slow);
  client.last_progress = start + kTcpIdleTime;
  EXPECT_EQ(client.overdue(start + kTcpIdleTime + Duration(1), kTcpIdleTime), Overdue::no);
}

class Queue : public ::testing::Test {
 protected:
  void SetUp() override {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    ours = Fd(pair[0]);
    theirs = Fd(pair[1]);
    const int small = 4096;  // the kernel makes of it what it takes at least
    ASSERT_EQ(::setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
  }
  // What has come, at most `most` octets.
  Bytes received(std::size_t most = 1 << 20) {
    Bytes octets(most);
    const ssize_t got = ::recv(theirs.get(), octets.data(), octets.size(), 0);
    octets.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return octets;
  }

  Fd ours;
  Fd theirs;
  OutQueue queue;
};

TEST_F(Queue, SendsInOrderWhatItWasGiven) {
  ASSERT_TRUE(queue.push(from_hex("0102")));
  ASSERT_TRUE(queue.push(from_hex("03")));
  EXPECT_EQ(queue.size(), 3U);
  ASSERT_TRUE(queue.send(ours.get()));
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_EQ(to_hex(received()), "010203");
  ASSERT_TRUE(queue.push(from_hex("04")));
  ASSERT_TRUE(queue.send(ours.get()));
  EXPECT_EQ(to_hex(received()), "04");
}

TEST_F(Queue, KeepsWhatASlowReaderLeavesAndGoesOnWithinAChunk) {
  Bytes expected;
  for (int i = 0; i < 100; ++i) {
    Bytes chunk(997, static_cast<std::uint8_t>(i));
    expected.insert(expected.end(), chunk.begin(), chunk.end());
    ASSERT_TRUE(queue.push(chunk));
  }
  Bytes got;
  ASSERT_TRUE(queue.send(ours.get()));
  EXPECT_GT(queue.size(), 0U);  // else this tests nothing
  for (int i = 0; i < 10'000 && got.size() < expected.size(); ++i) {
    const Bytes some = received(501);
    got.insert(got.end(), some.begin(), some.end());
    ASSERT_TRUE(queue.send(ours.get()));
  }
  EXPECT_EQ(got, expected);
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(Queue, ABrokenConnectionIsToldAndRaisesNoSignal) {
  theirs.reset();
  ASSERT_TRUE(queue.push(from_hex("01")));
  EXPECT_FALSE(queue.send(ours.get()));
  queue.clear();
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_TRUE(queue.send(ours.get()));
}

TEST(Overdue, WhoSaysNothingAtAllHasLessTime) {
  TcpClient client;
  const Time start{};
  client.last_active = start;
  EXPECT_EQ(client.overdue(start + kTcpFirstTime, kTcpIdleTime), TcpClient::Overdue::no);
  EXPECT_EQ(client.overdue(start + kTcpFirstTime + Duration(1), kTcpIdleTime),
            TcpClient::Overdue::idle);
}

TEST(Overdue, IdleTimeShrinksWhenConnectionsRunOut) {
  EXPECT_EQ(tcp_idle_time(0, 100), kTcpIdleTime);
  EXPECT_EQ(tcp_idle_time(50, 100), kTcpIdleTime);
  EXPECT_EQ(tcp_idle_time(100, 100), kTcpLeastIdleTime);
  EXPECT_EQ(tcp_idle_time(1, 1), kTcpLeastIdleTime);
  Duration last = kTcpIdleTime;
  for (std::size_t open = 51; open <= 100; ++open) {
    const Duration now = tcp_idle_time(open, 100);
    EXPECT_LT(now, last) << open;
    last = now;
  }
}

}  // namespace
}  // namespace dotkeep::frontend
