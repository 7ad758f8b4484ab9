#include "ipc/codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dotkeep::ipc {
namespace {

using Bytes = std::vector<std::uint8_t>;

template <typename Variant>
Bytes encoded(const Variant& message) {
  Bytes buffer(kMaxRecord);
  Writer writer(buffer);
  EXPECT_TRUE(encode(message, writer));
  buffer.resize(writer.size());
  return buffer;
}

template <typename Variant>
std::optional<Variant> decoded(const Bytes& octets) {
  Reader reader(octets);
  auto message = decode<Variant>(reader);
  if (message) {
    EXPECT_TRUE(reader.empty());
  }
  return message;
}

// Encodes, decodes and encodes again: the same octets, and every shorter piece is a breach.
template <typename Variant>
void round_trip(const Variant& message, std::size_t size) {
  const Bytes octets = encoded(message);
  EXPECT_EQ(octets.size(), kMessageHeader + size);
  const auto again = decoded<Variant>(octets);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->index(), message.index());
  EXPECT_EQ(encoded(*again), octets);
  const std::size_t fixed = std::min<std::size_t>(octets.size(), 64);
  for (std::size_t cut = 0; cut < fixed; ++cut) {
    EXPECT_FALSE(decoded<Variant>(Bytes(octets.begin(), octets.begin() + static_cast<int>(cut))));
  }
}

constexpr std::size_t kAskFixed = 4 + 8 + 4 + 2 + 4;
constexpr std::size_t kAnswerFixed = 4 + 1 + 4;

TEST(Codec, EveryMessageComesBackAsItWas) {
  const Bytes query(128, 0x5a);
  const Bytes reply(513, 0xa5);
  round_trip(FrontendToUpstream(Ask{1, 0x8000000000000001, 5000, 60, query}), kAskFixed + 128);
  round_trip(FrontendToUpstream(IdleTime{0xfffffffe, 1200}), 6);
  round_trip(UpstreamToFrontend(Answer{7, 63, 0x01020304, reply}), kAnswerFixed + 513);
  round_trip(UpstreamToFrontend(Failure{9, 3, UpstreamFault::pin_mismatch}), 6);
  round_trip(UpstreamToConnector(Connect{0x10203, 5}), 5);
  round_trip(ConnectorToUpstream(Connecting{0x10203}), 4);
  round_trip(ConnectorToUpstream(NotConnecting{0x10203, 111}), 8);
  round_trip(ConnectorToUpstream(NetworkChanged{}), 0);
  round_trip(ControlToFrontend(Flush{3, Flush::Scope::all, {}}), 5);
  round_trip(ControlToFrontend(Flush{3, Flush::Scope::suffix, query}), 5 + 128);
  round_trip(FrontendToControl(Flushed{3, true, 0x0102030405060708}), 13);
  round_trip(Order(NewWall{2}), 2);
  round_trip(Order(NewConfig{}), 0);
  round_trip(Order(Drain{}), 0);
  round_trip(Order(Ping{}), 0);
}

TEST(Codec, FieldsKeepTheirValues) {
  const Bytes query(20, 1);
  const Bytes octets =
      encoded(FrontendToUpstream(Ask{0xdeadbeef, 6, 60000, 20, query, 0x01020304}));
  const auto message = decoded<FrontendToUpstream>(octets);  // views `octets`
  ASSERT_TRUE(message);
  const Ask& ask = std::get<Ask>(*message);
  EXPECT_EQ(ask.ticket, 0xdeadbeefU);
  EXPECT_EQ(ask.upstreams, 6U);
  EXPECT_EQ(ask.timeout_ms, 60000U);
  EXPECT_EQ(ask.padding_at, 20);
  EXPECT_EQ(ask.table, 0x01020304U);
  EXPECT_EQ(Bytes(ask.query.begin(), ask.query.end()), query);
}

// The size before a body is right and the body too short for its fields: never a message, whatever
// field is the one that is cut.
template <typename Variant>
void no_short_body_decodes(std::uint8_t kind, std::uint8_t fixed) {
  for (std::uint8_t size = 0; size < fixed; ++size) {
    Bytes octets = {kind, 0, 0, 0, size};
    octets.resize(octets.size() + size, 1);
    EXPECT_FALSE(decoded<Variant>(octets)) << int{kind} << ' ' << int{size};
  }
}

TEST(Codec, AShortBodyIsABreach) {
  no_short_body_decodes<FrontendToUpstream>(0, kAskFixed);
  no_short_body_decodes<FrontendToUpstream>(1, 6);
  no_short_body_decodes<UpstreamToFrontend>(0, kAnswerFixed);
  no_short_body_decodes<UpstreamToFrontend>(1, 6);
  no_short_body_decodes<UpstreamToConnector>(0, 5);
  no_short_body_decodes<ConnectorToUpstream>(0, 4);
  no_short_body_decodes<ConnectorToUpstream>(1, 8);
  no_short_body_decodes<Order>(0, 2);
}

TEST(Codec, TheLargestMessagesFitARecord) {
  const Bytes query(kMaxQuery);
  const Bytes reply(kMaxReply);
  round_trip(FrontendToUpstream(Ask{1, 1, 1, 0, query}), kAskFixed + kMaxQuery);
  round_trip(UpstreamToFrontend(Answer{1, 1, 1, reply}), kAnswerFixed + kMaxReply);
}

TEST(Codec, BoundsOfAsk) {
  const Bytes query(kMaxQuery + 1);
  const auto accepted = [&](std::uint64_t upstreams, std::uint32_t timeout, std::size_t padding_at,
                            std::size_t size) {
    const Ask ask{1, upstreams, timeout, static_cast<std::uint16_t>(padding_at),
                  Octets(query).first(size)};
    return decoded<FrontendToUpstream>(encoded(FrontendToUpstream(ask))).has_value();
  };
  EXPECT_TRUE(accepted(1, 0, 0, kMinQuery));
  EXPECT_TRUE(accepted(1, kMaxTimeoutMs, kMaxQuery, kMaxQuery));
  EXPECT_FALSE(accepted(0, 1, 0, 50));
  EXPECT_FALSE(accepted(1, kMaxTimeoutMs + 1, 0, 50));
  EXPECT_FALSE(accepted(1, 1, 51, 50));
  EXPECT_FALSE(accepted(1, 1, 0, kMinQuery - 1));
  EXPECT_FALSE(accepted(1, 1, 0, kMaxQuery + 1));
}

TEST(Codec, BoundsOfAnswer) {
  const Bytes reply(kMaxReply + 1);
  const auto accepted = [&](std::size_t size) {
    const Answer answer{1, 2, 3, Octets(reply).first(size)};
    return decoded<UpstreamToFrontend>(encoded(UpstreamToFrontend(answer))).has_value();
  };
  EXPECT_FALSE(accepted(kMinReply - 1));
  EXPECT_TRUE(accepted(kMinReply));
  EXPECT_TRUE(accepted(kMaxReply));
  EXPECT_FALSE(accepted(kMaxReply + 1));
}

TEST(Codec, AnUnknownFaultIsABreach) {
  Bytes octets = encoded(UpstreamToFrontend(Failure{1, 2, UpstreamFault::reloaded}));
  EXPECT_TRUE(decoded<UpstreamToFrontend>(octets));
  ++octets.back();
  EXPECT_FALSE(decoded<UpstreamToFrontend>(octets));
}

TEST(Codec, AnUnknownKindIsABreach) {
  const auto kinds_that_decode = []<typename Variant>(const Variant& message) {
    Bytes octets = encoded(message);
    std::string kinds;
    for (int kind = 0; kind < 256; ++kind) {
      octets[0] = static_cast<std::uint8_t>(kind);
      if (decoded<Variant>(octets)) kinds += std::to_string(kind) + " ";
    }
    return kinds;
  };
  EXPECT_EQ(kinds_that_decode(Order(Drain{})), "1 2 3 ");  // an empty body is a NewConfig's too
  EXPECT_EQ(kinds_that_decode(Order(NewWall{})), "0 ");
  EXPECT_EQ(kinds_that_decode(UpstreamToConnector(Connect{})), "0 ");
  EXPECT_EQ(kinds_that_decode(ConnectorToUpstream(NotConnecting{})), "1 ");
  EXPECT_EQ(kinds_that_decode(ConnectorToUpstream(NetworkChanged{})), "2 ");
}

TEST(Codec, ASizeThatIsNotTheBodysIsABreach) {
  const Bytes octets = encoded(UpstreamToConnector(Connect{1, 2}));
  for (std::uint8_t size = 0; size < 12; ++size) {
    Bytes changed = octets;
    changed.resize(octets.size() + 12);  // whatever it claims is there
    changed[4] = size;
    Reader reader(changed);
    EXPECT_EQ(decode<UpstreamToConnector>(reader).has_value(), size == 5) << int{size};
  }
  Bytes huge = octets;
  huge[1] = 0xff;
  EXPECT_FALSE(decoded<UpstreamToConnector>(huge));
}

TEST(Codec, AFullWriterIsLeftAsItWas) {
  const Bytes query(100);
  const FrontendToUpstream message(Ask{1, 1, 1, 0, query});
  for (std::size_t room = 0; room < kMessageHeader + kAskFixed + 100; ++room) {
    Bytes buffer(3 + room);
    Writer writer(buffer);
    writer.zeros(3);
    EXPECT_FALSE(encode(message, writer));
    EXPECT_EQ(writer.size(), 3U);
    EXPECT_TRUE(writer.ok());
  }
}

TEST(Codec, ManyMessagesInARecord) {
  Bytes buffer(kMaxRecord);
  Writer writer(buffer);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    ASSERT_TRUE(encode(UpstreamToFrontend(Failure{i, 1, UpstreamFault::closed}), writer));
  }
  Reader reader(writer.written());
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const auto message = decode<UpstreamToFrontend>(reader);
    ASSERT_TRUE(message);
    EXPECT_EQ(std::get<Failure>(*message).ticket, i);
  }
  EXPECT_TRUE(reader.empty());
}

}  // namespace
}  // namespace dotkeep::ipc
