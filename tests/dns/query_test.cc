// What is accepted, and what is read from it.
#include "dns/query.h"

#include <gtest/gtest.h>

#include "dns/edns.h"
#include "tests/dns/client_message.h"

namespace dotkeep::dns {
namespace {

Query accepted(const ClientMessage& message) {
  const auto query = parse_query(message.octets());
  if (query) return *query;
  ADD_FAILURE() << to_string(query.error().kind);
  return {};
}

TEST(Query, SaysWhatTheQuestionIs) {
  ClientMessage message;
  message.ask(name("wWw.Example"), Type::HTTPS);
  const Query query = accepted(message);
  EXPECT_EQ(query.id, 0xabcd);
  EXPECT_EQ(text(query.question.name), "wWw.Example.");
  EXPECT_EQ(query.question.type, Type::HTTPS);
  EXPECT_FALSE(query.edns);
}

TEST(Query, KeepsRdAdAndCdAndNothingElse) {
  ClientMessage message;
  message.flags = 0;
  EXPECT_FALSE(accepted(message).recursion_desired);
  message.flags = 0x0100;
  EXPECT_TRUE(accepted(message).recursion_desired);
  EXPECT_FALSE(accepted(message).authentic_data);
  message.flags = 0x0020;
  EXPECT_TRUE(accepted(message).authentic_data);
  EXPECT_FALSE(accepted(message).checking_disabled);
  message.flags = 0x0010;
  EXPECT_TRUE(accepted(message).checking_disabled);
  // AA, TC, RA, Z and an RCODE mean nothing in a query.
  message.flags = 0x06cf;
  const Query query = accepted(message);
  EXPECT_FALSE(query.recursion_desired || query.authentic_data || query.checking_disabled);
}

TEST(Query, MayAskForTheRootAndForTypesNobodyKnows) {
  ClientMessage message;
  for (const unsigned type : {1U, 2U, 127U, 256U, 32769U, 65535U}) {
    message.ask(Name(), static_cast<Type>(type));
    EXPECT_EQ(static_cast<unsigned>(accepted(message).question.type), type);
  }
}

TEST(Query, MayBeAsLongAsNamesGo) {
  const std::string label(63, 'a');
  ClientMessage message;
  message.ask(name(label + "." + label + "." + label + "." + std::string(61, 'b')), Type::A);
  EXPECT_EQ(accepted(message).question.name.size(), 255U);
}

TEST(Query, ReadsTheOpt) {
  ClientMessage message;
  message.add_opt({}, 4096, 0x8000);
  const Query query = accepted(message);
  ASSERT_TRUE(query.edns);
  EXPECT_EQ(query.edns->payload, 4096);
  EXPECT_TRUE(query.edns->dnssec_ok);
  EXPECT_FALSE(query.edns->asks_keepalive || query.edns->asks_padding || query.edns->cookie);
}

TEST(Query, IgnoresExtendedRcodeAndUnknownFlags) {
  ClientMessage message;
  message.add_opt({}, 0, 0xff007fff);
  const Query query = accepted(message);
  ASSERT_TRUE(query.edns);
  EXPECT_EQ(query.edns->payload, 0);
  EXPECT_FALSE(query.edns->dnssec_ok);
}

ClientEdns edns_of(const Bytes& options) {
  ClientMessage message;
  message.add_opt(options);
  return accepted(message).edns.value_or(ClientEdns{});
}

TEST(QueryOptions, NotesPaddingAndKeepalive) {
  EXPECT_TRUE(edns_of(option(EdnsOption::padding, "")).asks_padding);
  EXPECT_TRUE(edns_of(option(EdnsOption::padding, "0000ff")).asks_padding);
  EXPECT_TRUE(edns_of(option(EdnsOption::tcp_keepalive, "")).asks_keepalive);
  // With a time-out it is no request (RFC 7828 section 3.3.1), nor does it undo one.
  EXPECT_FALSE(edns_of(option(EdnsOption::tcp_keepalive, "0001")).asks_keepalive);
  Bytes both = option(EdnsOption::tcp_keepalive, "");
  append(both, option(EdnsOption::tcp_keepalive, "0001"));
  EXPECT_TRUE(edns_of(both).asks_keepalive);
}

TEST(QueryOptions, KeepsACookieOfEachAllowedLength) {
  for (std::size_t size = 0; size <= 42; ++size) {
    ClientMessage message;
    const std::string data =
        std::string(2 * size - (size > 0 ? 2 : 0), '1') + (size > 0 ? "99" : "");
    message.add_opt(option(EdnsOption::cookie, data));
    const auto query = parse_query(message.octets());
    const bool allowed = size == 8 || (size >= 16 && size <= 40);
    ASSERT_EQ(query.has_value(), allowed) << size;
    if (!allowed) {
      EXPECT_EQ(query.error().kind, RejectionKind::opt_cookie) << size;
      continue;
    }
    ASSERT_TRUE(query->edns->cookie);
    EXPECT_EQ(query->edns->cookie->size, size);
    EXPECT_EQ(to_hex(Octets(query->edns->cookie->octets).first(size)), data);
  }
}

TEST(QueryOptions, TheFirstCookieCounts) {
  Bytes options = option(EdnsOption::cookie, "1111111111111111");
  append(options, option(EdnsOption::cookie, "2222222222222222"));
  append(options, option(EdnsOption::cookie, "33"));
  const auto cookie = edns_of(options).cookie;
  ASSERT_TRUE(cookie);
  EXPECT_EQ(cookie->size, 8);
  EXPECT_EQ(cookie->octets[0], 0x11);
}

TEST(QueryOptions, IgnoresClientSubnetAndTheUnknown) {
  Bytes options = option(EdnsOption::client_subnet, "0001 18 00 c00002");
  append(options, option(static_cast<EdnsOption>(65001), "0102"));
  append(options, option(EdnsOption::nsid, ""));
  append(options, option(EdnsOption::cookie, "1111111111111111"));
  const ClientEdns edns = edns_of(options);
  EXPECT_TRUE(edns.cookie);
  EXPECT_FALSE(edns.asks_keepalive || edns.asks_padding);
}

TEST(QueryOptions, MayBeAsManyAsTheBound) {
  Bytes options;
  for (std::size_t i = 1; i < kMaxEdnsOptions; ++i) append(options, from_hex("fde9 0000"));
  append(options, option(EdnsOption::padding, ""));
  EXPECT_TRUE(edns_of(options).asks_padding);
}

}  // namespace
}  // namespace dotkeep::dns
