// The addresses of an answer in turn, and nothing else moved.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cache/cache_help.h"

namespace dotkeep::cache {
namespace {

using dns::Type;
using dns::testing::hex;
using testing::Kitchen;
using testing::ReplyMessage;

// Each record of the answer section as "type ttl rdata", as check_reply reads it: a pointer that
// went astray would be a fault.
std::vector<std::string> records_with(const ReplyMessage& message, std::uint32_t turn) {
  Kitchen kitchen;
  const Packed packed = kitchen.pack(message);
  dns::Query query;
  query.id = message.asked.id;
  query.question = message.asked.question;
  query.edns.emplace();
  query.edns->dnssec_ok = message.asked.dnssec_ok;
  dns::ResponseOptions options;
  options.transport = dns::Transport::tcp;
  Bytes out(65535);
  out.resize(
      render_answer(query, Value::view(packed.octets).value(), {.turn = turn}, options, out));
  const auto reply = dns::check_reply(message.asked, out, *kitchen.scratch);
  if (!reply) return {dns::to_string(reply.error())};
  std::vector<std::string> found;
  dns::RecordReader records(reply->packed);
  for (int i = 0; i < reply->answers; ++i) {
    const auto record = records.next();
    found.push_back(std::to_string(static_cast<unsigned>(record->type)) + " " +
                    std::to_string(record->ttl) + " " +
                    to_hex({record->rdata.begin(), record->rdata.end()}));
  }
  return found;
}

ReplyMessage three(Type type, std::string_view begin) {
  ReplyMessage message("alias.example", type);
  message.cname("alias.example", "www.example");
  for (const std::uint32_t last : {1U, 2U, 3U}) {
    Bytes rdata = hex(begin);
    rdata.push_back(static_cast<std::uint8_t>(last));
    message.answer("www.example", type, rdata, 100 * last);
  }
  return message;
}

TEST(Rotate, AddressesComeInTurnAndTheChainStays) {
  for (const auto& [type, begin] :
       {std::pair(Type::A, "c00002"), std::pair(Type::AAAA, "20010db80000000000000000000000")}) {
    const auto before = records_with(three(type, begin), 0);
    ASSERT_THAT(before, ::testing::SizeIs(4));
    for (std::uint32_t turn = 1; turn < 8; ++turn) {
      auto expected = before;
      std::rotate(expected.begin() + 1, expected.begin() + 1 + turn % 3, expected.end());
      EXPECT_EQ(records_with(three(type, begin), turn), expected) << turn;
    }
  }
}

TEST(Rotate, SignaturesStayWhereTheyAre) {
  ReplyMessage message("www.example");
  message.dnssec()
      .answer("www.example", Type::A, hex("c0000201"))
      .answer("www.example", Type::RRSIG, dns::testing::rrsig(Type::A, "example"))
      .answer("www.example", Type::A, hex("c0000202"));
  auto expected = records_with(message, 0);
  ASSERT_THAT(expected, ::testing::SizeIs(3));
  std::vector<std::size_t> addresses;
  for (std::size_t i = 0; i < 3; ++i) {
    if (expected[i].starts_with("1 ")) addresses.push_back(i);
  }
  ASSERT_THAT(addresses, ::testing::SizeIs(2));
  std::swap(expected[addresses[0]], expected[addresses[1]]);
  EXPECT_EQ(records_with(message, 1), expected);
}

// Names in RDATA are compressed against what stands before them.
TEST(Rotate, NothingButAddressesMoves) {
  ReplyMessage message("example", Type::MX);
  for (const char* host : {"mx1.example", "mx2.example", "mx3.example"}) {
    Bytes rdata = {0, 10};
    const Bytes name = dns::testing::name(host);
    rdata.insert(rdata.end(), name.begin(), name.end());
    message.answer("example", Type::MX, rdata);
  }
  const auto before = records_with(message, 0);
  ASSERT_THAT(before, ::testing::SizeIs(3));
  EXPECT_EQ(records_with(message, 1), before);
  EXPECT_EQ(records_with(ReplyMessage("www.example").a("www.example"), 5).size(), 1U);
}

}  // namespace
}  // namespace dotkeep::cache
