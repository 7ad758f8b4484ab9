// Answers of ours to queries that were understood.
#include <gtest/gtest.h>

#include "dns/edns.h"
#include "dns/header.h"
#include "dns/render.h"
#include "tests/dns/client_message.h"

namespace dotkeep::dns {
namespace {

Query query_of(const ClientMessage& message) {
  return parse_query(message.octets()).value();
}

std::string rendered(const Query& query, Rcode rcode, const ResponseOptions& options = {}) {
  Bytes out(kMaxMessage);
  return to_hex(Octets(out).first(render_error(query, rcode, options, out)));
}

TEST(RenderError, EchoesTheQuestionAsItWasSpelled) {
  ClientMessage message;
  message.ask(name("eXample"), Type::MX);
  EXPECT_EQ(rendered(query_of(message), Rcode::servfail),
            to_hex(from_hex("abcd 8182 0001 0000 0000 0000 076558616d706c65 00 000f 0001")));
}

TEST(RenderError, CopiesRdAndCdButNotAd) {
  ClientMessage message;
  message.flags = 0;
  EXPECT_EQ(rendered(query_of(message), Rcode::refused).substr(4, 4), "8085");
  message.flags = 0x0100;
  EXPECT_EQ(rendered(query_of(message), Rcode::refused).substr(4, 4), "8185");
  message.flags = 0x0030;
  EXPECT_EQ(rendered(query_of(message), Rcode::refused).substr(4, 4), "8095");
}

TEST(RenderError, HasAnOptExactlyForWhoSentOne) {
  ClientMessage message;
  message.ask(Name(), Type::A).add_opt({}, 4096, 0x8000);
  EXPECT_EQ(rendered(query_of(message), Rcode::servfail),
            to_hex(from_hex("abcd 8182 0001 0000 0000 0001 00 0001 0001"
                            "00 0029 04d0 00008000 0000")));
}

TEST(RenderError, SplitsAnExtendedRcode) {
  ClientMessage message;
  message.ask(Name(), Type::A).add_opt();
  EXPECT_EQ(rendered(query_of(message), Rcode::badcookie),
            to_hex(from_hex("abcd 8187 0001 0000 0000 0001 00 0001 0001"
                            "00 0029 04d0 01000000 0000")));
  // Without an OPT the lower half alone would be another RCODE.
  ClientMessage plain;
  EXPECT_EQ(rendered(query_of(plain), Rcode::badcookie).substr(4, 4), "8182");
}

TEST(RenderError, SaysWhyToWhoCanHearIt) {
  const Ede why = make_ede(ExtendedError::network_error, "q: down");
  ResponseOptions options;
  options.edes = {&why, 1};
  ClientMessage message;
  message.ask(Name(), Type::A);
  EXPECT_EQ(rendered(query_of(message), Rcode::servfail, options).size(), 2U * 17U);
  message.add_opt();
  EXPECT_EQ(rendered(query_of(message), Rcode::servfail, options),
            to_hex(from_hex("abcd 8182 0001 0000 0000 0001 00 0001 0001"
                            "00 0029 04d0 00000000 000d 000f 0009 0017 713a20646f776e")));
}

TEST(RenderError, ASlippedAnswerIsTruncatedAndNotLongerThanItsQuery) {
  const Ede why = make_ede(ExtendedError::prohibited, "too fast");
  ResponseOptions options;
  options.edes = {&why, 1};
  options.truncate = true;
  ClientMessage message;
  message.add_opt();
  const std::string out = rendered(query_of(message), Rcode::noerror, options);
  EXPECT_EQ(out.substr(4, 4), "8380");
  EXPECT_EQ(out.size(), 2 * message.octets().size());
}

TEST(RenderError, ErrorsFillNoMoreThanTheClientsPayload) {
  // Four errors with long texts behind the longest name pass 512 octets.
  const std::string label(63, 'a');
  ClientMessage message;
  message.ask(name(label + "." + label + "." + label + "." + std::string(61, 'b')), Type::A);
  message.add_opt({}, 100);
  const std::vector<Ede> edes(4, make_ede(ExtendedError::other, std::string(64, 't')));
  ResponseOptions options;
  options.edes = edes;
  // 12 + 259 + 11, then 70 octets thrice and six once.
  EXPECT_EQ(rendered(query_of(message), Rcode::servfail, options).size(), 2U * (282U + 210U + 6U));
  options.transport = Transport::tcp;
  EXPECT_EQ(rendered(query_of(message), Rcode::servfail, options).size(), 2U * (282U + 280U));
}

TEST(RenderError, WritesNothingWhereItDoesNotFit) {
  ClientMessage message;
  message.add_opt();
  const Query query = query_of(message);
  const std::size_t whole = rendered(query, Rcode::servfail).size() / 2;
  for (std::size_t size = 0; size < whole; ++size) {
    Bytes out(size);
    EXPECT_EQ(render_error(query, Rcode::servfail, {}, out), 0U) << size;
  }
  Bytes out(whole);
  EXPECT_EQ(render_error(query, Rcode::servfail, {}, out), whole);
}

TEST(ResponseLimit, IsTheClientsWithinOurs) {
  const auto limit = [](std::uint16_t payload) {
    ClientEdns edns;
    edns.payload = payload;
    return response_limit(edns, Transport::udp);
  };
  EXPECT_EQ(response_limit(std::nullopt, Transport::udp), 512U);
  EXPECT_EQ(limit(0), 512U);
  EXPECT_EQ(limit(511), 512U);
  EXPECT_EQ(limit(512), 512U);
  EXPECT_EQ(limit(513), 513U);
  EXPECT_EQ(limit(1232), 1232U);
  EXPECT_EQ(limit(1233), 1232U);
  EXPECT_EQ(limit(65535), 1232U);
  EXPECT_EQ(response_limit(std::nullopt, Transport::tcp), 65535U);
  EXPECT_EQ(response_limit(ClientEdns{}, Transport::tcp), 65535U);
}

std::string ede_text(std::string_view from) {
  const Ede ede = make_ede(ExtendedError::blocked, from);
  EXPECT_EQ(ede.code, ExtendedError::blocked);
  return {ede.text.data(), ede.text_size};
}

TEST(MakeEde, CutsAtTheBoundaryOfACharacter) {
  EXPECT_EQ(ede_text(""), "");
  EXPECT_EQ(ede_text("why"), "why");
  const std::string most(64, 'x');
  EXPECT_EQ(ede_text(most), most);
  EXPECT_EQ(ede_text(most + "y"), most);
  const std::string euro = "\xe2\x82\xac";
  EXPECT_EQ(ede_text(std::string(61, 'x') + euro), std::string(61, 'x') + euro);
  EXPECT_EQ(ede_text(std::string(62, 'x') + euro), std::string(62, 'x'));
  EXPECT_EQ(ede_text(std::string(63, 'x') + euro), std::string(63, 'x'));
  EXPECT_EQ(ede_text(std::string(64, 'x') + euro), std::string(64, 'x'));
  // No text at all, but it must end.
  EXPECT_EQ(ede_text(std::string(70, '\x80')), "");
}

// To who may be forged nothing is said that makes an error longer than its query: first the reason
// goes, then the cookie.
TEST(RenderError, SparesWhoMayBeForged) {
  const Ede why = make_ede(ExtendedError::other, "too many queries are pending");
  const std::size_t bare = kHeaderSize + name("example").size() + 4 + kOptSize;
  const std::size_t cookie_size = kOptionHeaderSize + 24;
  for (std::size_t padding = 0; padding < 120; ++padding) {
    ClientMessage message;
    message.ask(name("example"), Type::A)
        .add_opt(option(EdnsOption::padding, std::string(2 * padding, '0')));
    const Query query = query_of(message);
    EXPECT_EQ(query.size, message.octets().size());
    ResponseOptions options;
    options.edes = {&why, 1};
    options.cookie.emplace();
    options.cookie->size = 24;
    const std::size_t talkative = rendered(query, Rcode::servfail, options).size() / 2;
    EXPECT_EQ(talkative, bare + cookie_size + 6 + why.text_size);
    options.spare = true;
    const std::size_t spared = rendered(query, Rcode::servfail, options).size() / 2;
    EXPECT_LE(spared, query.size);
    EXPECT_EQ(spared >= bare + cookie_size, query.size >= bare + cookie_size);
    EXPECT_EQ(spared == talkative, query.size >= talkative);
    options.transport = Transport::tcp;
    EXPECT_EQ(rendered(query, Rcode::servfail, options).size() / 2, talkative);
  }
}

}  // namespace
}  // namespace dotkeep::dns
