// What a rejection is answered with, from the octets of the query to those of the answer.
#include <gtest/gtest.h>

#include "dns/edns.h"
#include "dns/header.h"
#include "dns/render.h"
#include "tests/dns/client_message.h"

namespace dotkeep::dns {
namespace {

Bytes answer(const Bytes& message, Transport transport = Transport::udp) {
  const auto query = parse_query(message);
  if (query) {
    ADD_FAILURE() << "not rejected";
    return {};
  }
  Bytes out(1232);
  out.resize(render_rejection(query.error(), transport, message.size(), out));
  return out;
}

std::string udp(const ClientMessage& message) {
  return to_hex(answer(message.octets()));
}
std::string tcp(const ClientMessage& message) {
  return to_hex(answer(message.octets(), Transport::tcp));
}
std::string hex(std::string_view text) {
  return to_hex(from_hex(text));
}

TEST(RenderRejection, SilenceForWhatMayNotBeAnswered) {
  EXPECT_TRUE(answer(Bytes(11)).empty());
  EXPECT_TRUE(answer(Bytes(12, 0xff)).empty());
  ClientMessage loop;
  loop.flags = 0x8182;
  EXPECT_EQ(udp(loop), "");
  EXPECT_EQ(tcp(loop), "");
}

TEST(RenderRejection, AnUnreadableQuestionIsNotEchoed) {
  ClientMessage message;
  message.question = from_hex("c00c 0001 0001");
  EXPECT_EQ(udp(message), hex("abcd 8181 0000 0000 0000 0000"));
  message.qdcount = 0;
  message.question.clear();
  EXPECT_EQ(udp(message), hex("abcd 8181 0000 0000 0000 0000"));
}

TEST(RenderRejection, AReadableOneIs) {
  ClientMessage message;
  message.flags = 0x0110;
  message.ask(name("X"), Type::A).ancount = 1;
  EXPECT_EQ(udp(message), hex("abcd 8191 0001 0000 0000 0000 0158 00 0001 0001"));
}

TEST(RenderRejection, OtherOpcodesAreNotImplemented) {
  ClientMessage message;
  message.flags = 0x2ff0;  // UPDATE with every flag but QR
  message.ask(name("z"), Type::SOA);
  EXPECT_EQ(udp(message), hex("abcd a804 0001 0000 0000 0000 017a 00 0006 0001"));
  message.qdcount = 0;
  message.flags = 0x3000;  // DSO
  EXPECT_EQ(udp(message), hex("abcd b004 0000 0000 0000 0000"));
}

TEST(RenderRejection, AnUnknownVersionIsAnsweredInOurs) {
  ClientMessage message;
  message.ask(Name(), Type::A).add_opt({}, 4096, 0x00018000);
  const std::string expected =
      hex("abcd 8180 0001 0000 0000 0001 00 0001 0001"
          "00 0029 04d0 01008000 0000");
  EXPECT_EQ(udp(message), expected);
  EXPECT_EQ(tcp(message), expected);
}

TEST(RenderRejection, TheClassIsEchoed) {
  ClientMessage message;
  message.ask(Name(), Type::TXT, 3);
  EXPECT_EQ(udp(message), hex("abcd 8185 0001 0000 0000 0000 00 0010 0003"));
}

TEST(RenderRejection, AnyIsAnsweredWithHinfo) {
  ClientMessage message;
  message.ask(name("aB"), Type::ANY);
  const std::string record = "c00c 000d 0001 00000e10 0009 07524643383438 3200";
  EXPECT_EQ(udp(message), hex("abcd 8180 0001 0001 0000 0000 026142 00 00ff 0001" + record));
  message.add_opt({}, 512, 0x8000);
  EXPECT_EQ(udp(message), hex("abcd 8180 0001 0001 0000 0001 026142 00 00ff 0001" + record +
                              "00 0029 04d0 00008000 0000"));
}

// Every refusal that can carry one says why in its own words; on UDP only as far as the query's own
// length allows.
TEST(RenderRejection, SaysWhyWhereThereIsRoom) {
  struct Case {
    ClientMessage message;
    std::string_view flags;
    std::string_view code;
    std::string_view text;
  };
  ClientMessage cookie;
  cookie.ask(Name(), Type::A).add_opt(option(EdnsOption::cookie, "11"));
  ClientMessage trailing;
  trailing.ask(Name(), Type::A).add_opt().additional.push_back(0);
  const std::vector<Case> cases{
      {cookie, "8181", "0000", "COOKIE of no allowed length"},
      {trailing, "8181", "0000", "octets after the message"},
      {ClientMessage().ask(Name(), Type::A, 3).add_opt(), "8185", "0015", "class is not IN"},
      {ClientMessage().ask(Name(), Type::TKEY).add_opt(), "8185", "0015", "type is not forwarded"},
      {ClientMessage().ask(Name(), Type::AXFR).add_opt(), "8185", "0012", "no zone transfers here"},
  };
  for (const Case& c : cases) {
    const Bytes whole = answer(c.message.octets(), Transport::tcp);
    EXPECT_EQ(to_hex(whole).substr(4, 4), c.flags) << c.text;
    const std::size_t opt_at = 12 + 5;
    EXPECT_EQ(to_hex(Octets(whole).subspan(opt_at + 15, 2)), c.code) << c.text;
    const Octets said = Octets(whole).subspan(opt_at + 17);
    EXPECT_EQ(std::string(said.begin(), said.end()), c.text);
    // The same on UDP has no room for the text.
    EXPECT_LE(answer(c.message.octets()).size(), c.message.octets().size()) << c.text;
  }
}

// parse_query never says so: ANY is asked for in a question.
TEST(RenderRejection, AnyWithoutAQuestionHasNoAnswer) {
  Rejection rejection;
  rejection.kind = RejectionKind::any_query;
  Bytes out(kMaxMessage);
  EXPECT_EQ(render_rejection(rejection, Transport::udp, 12, out), kHeaderSize);
}

TEST(RenderRejection, OnUdpTheTextGoesFirstAndThenTheError) {
  const auto with_padding = [](std::string_view padding) {
    ClientMessage message;
    message.ask(Name(), Type::AXFR).add_opt(option(EdnsOption::padding, padding));
    return answer(message.octets()).size();
  };
  const std::size_t bare = 12 + 5 + 11;
  EXPECT_EQ(with_padding(""), bare);
  EXPECT_EQ(with_padding("00"), bare);
  EXPECT_EQ(with_padding("0000"), bare + 6);
  EXPECT_EQ(with_padding(std::string(46, '0')), bare + 6);
  EXPECT_EQ(with_padding(std::string(48, '0')), bare + 6 + 22);
}

// The first octets of any message, well formed or not, with any of them changed to any of some
// values.
TEST(RenderRejection, NeverAmplifiesOnUdpButForAny) {
  ClientMessage message;
  Bytes options = option(EdnsOption::cookie, "1111111111111111");
  append(options, option(EdnsOption::padding, "0000"));
  const Bytes good = message.add_opt(options).octets();
  std::size_t rejected = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
        Bytes bad(good.begin(), good.end() - static_cast<std::ptrdiff_t>(cut));
        if (at >= bad.size()) continue;
        bad[at] = static_cast<std::uint8_t>(value);
        const auto query = parse_query(bad);
        if (query || query.error().kind == RejectionKind::any_query) continue;
        ++rejected;
        EXPECT_LE(answer(bad).size(), bad.size()) << at << " " << value;
        // An answer to an answer must be silence, so a loop of two ends with the first.
        EXPECT_TRUE(answer(bad).empty() || answer(answer(bad)).empty());
      }
    }
  }
  EXPECT_GT(rejected, 10000U);
}

TEST(RenderRejection, WritesNothingWhereItDoesNotFit) {
  ClientMessage message;
  message.ask(name("a"), Type::ANY).add_opt();
  const Rejection rejection = parse_query(message.octets()).error();
  const std::size_t whole = answer(message.octets()).size();
  for (std::size_t size = 0; size < whole; ++size) {
    Bytes out(size);
    EXPECT_EQ(render_rejection(rejection, Transport::udp, 1232, out), 0U) << size;
  }
  Bytes out(whole);
  EXPECT_EQ(render_rejection(rejection, Transport::udp, 1232, out), whole);
}

}  // namespace
}  // namespace dotkeep::dns
