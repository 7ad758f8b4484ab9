#include "upstream/frames.h"

#include <gtest/gtest.h>

#include <vector>

namespace dotkeep::upstream {
namespace {

using Message = std::vector<std::uint8_t>;

Message message(std::size_t size, std::uint8_t fill) {
  return Message(size, fill);
}

std::vector<std::uint8_t> stream(const std::vector<Message>& messages) {
  std::vector<std::uint8_t> octets;
  for (const Message& m : messages) {
    octets.push_back(static_cast<std::uint8_t>(m.size() >> 8));
    octets.push_back(static_cast<std::uint8_t>(m.size()));
    octets.insert(octets.end(), m.begin(), m.end());
  }
  return octets;
}

struct Collector {
  std::vector<Message> got;
  FrameFault feed(FrameReader& reader, std::vector<std::uint8_t> piece) {
    return reader.feed(piece, [this](MutableOctets m) {
      got.emplace_back(m.begin(), m.end());
      return true;
    });
  }
};

TEST(Frames, TheSameMessagesHoweverTheStreamIsCut) {
  const std::vector<Message> messages = {message(12, 1), message(300, 2), message(13, 3),
                                         message(512, 4), message(12, 5)};
  const auto whole = stream(messages);
  for (std::size_t piece = 1; piece <= whole.size(); ++piece) {
    FrameReader reader;
    Collector collector;
    for (std::size_t at = 0; at < whole.size(); at += piece) {
      const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(at);
      const auto size = std::min(piece, whole.size() - at);
      ASSERT_EQ(collector.feed(reader, {begin, begin + static_cast<std::ptrdiff_t>(size)}),
                FrameFault::none);
    }
    ASSERT_EQ(collector.got, messages) << "in pieces of " << piece;
    EXPECT_EQ(reader.held(), 0U);
  }
}

TEST(Frames, TheLargestMessage) {
  const std::vector<Message> messages = {message(65535, 7), message(12, 8)};
  const auto whole = stream(messages);
  FrameReader reader;
  Collector collector;
  const auto middle = whole.begin() + 40'000;
  EXPECT_EQ(collector.feed(reader, {whole.begin(), middle}), FrameFault::none);
  EXPECT_EQ(reader.held(), 40'000U);
  EXPECT_EQ(collector.feed(reader, {middle, whole.end()}), FrameFault::none);
  EXPECT_EQ(collector.got, messages);
}

TEST(Frames, ShorterThanAHeaderIsAFault) {
  for (std::uint8_t size = 0; size < 12; ++size) {
    FrameReader whole;
    FrameReader cut;
    Collector collector;
    std::vector<std::uint8_t> octets(2 + 11U, 0);
    octets[1] = size;
    EXPECT_EQ(collector.feed(whole, octets), FrameFault::too_short) << int{size};
    EXPECT_EQ(collector.feed(cut, {0}), FrameFault::none);
    EXPECT_EQ(collector.feed(cut, {size}), FrameFault::too_short) << int{size};
    EXPECT_TRUE(collector.got.empty());
  }
}

TEST(Frames, StopsWhereItIsTold) {
  FrameReader reader;
  auto whole = stream({message(12, 1), message(12, 2), message(12, 3)});
  int count = 0;
  EXPECT_EQ(reader.feed(whole, [&](MutableOctets) { return ++count < 2; }), FrameFault::none);
  EXPECT_EQ(count, 2);
}

TEST(Frames, ClearDropsWhatIsIncomplete) {
  FrameReader reader;
  Collector collector;
  EXPECT_EQ(collector.feed(reader, {0, 20, 1, 2, 3}), FrameFault::none);
  reader.clear();
  EXPECT_EQ(collector.feed(reader, stream({message(12, 9)})), FrameFault::none);
  EXPECT_EQ(collector.got, std::vector<Message>{message(12, 9)});
}

}  // namespace
}  // namespace dotkeep::upstream
