#include <gtest/gtest.h>

#include "base/keepalive_patch.h"
#include "dns/edns.h"
#include "dns/header.h"
#include "dns/render.h"
#include "tests/dns/client_message.h"

namespace dotkeep::dns {
namespace {

Asked asked(std::string_view from, Type type = Type::A) {
  Asked asked;
  asked.id = 0x1234;
  asked.question = {name(from), type};
  return asked;
}

// A name of `size` octets, of labels of at most 63.
Name name_of(std::size_t size) {
  std::string from;
  while (size > 1) {
    std::size_t label = std::min<std::size_t>(size - 2, 63);
    if (size - 1 - label == 2) --label;  // never leave one octet over: a label takes two
    from += std::string(label, 'n') + ".";
    size -= 1 + label;
  }
  return name(from.empty() ? "." : from);
}

TEST(UpstreamQuery, IsThis) {
  const RenderedQuery query = render_upstream_query(asked("WWW.eXample", Type::AAAA));
  // RD and AD; the name in lower case; OPT with 1232, no flags; padding to 128.
  EXPECT_EQ(to_hex(query.message()), to_hex(from_hex("1234 0120 0001 0000 0000 0001"
                                                     "03777777 076578616d706c65 00 001c 0001"
                                                     "00 0029 04d0 00000000 0058 000c 0054")) +
                                         std::string(std::size_t{2} * 0x54, '0'));
  EXPECT_EQ(query.size, 128);
  EXPECT_EQ(query.padding_at, 12 + 17 + 11);
}

TEST(UpstreamQuery, CarriesDoAndCdAsAsked) {
  Asked with = asked("a");
  const auto octet = [&with](std::size_t at) { return render_upstream_query(with).octets[at]; };
  constexpr std::size_t flags_low = 3;
  constexpr std::size_t opt_flags = 12 + 7 + 7;
  EXPECT_EQ(octet(flags_low), 0x20);
  EXPECT_EQ(octet(opt_flags), 0x00);
  with.checking_disabled = true;
  EXPECT_EQ(octet(flags_low), 0x30);
  with.dnssec_ok = true;
  EXPECT_EQ(octet(opt_flags), 0x80);
}

TEST(UpstreamQuery, IsPaddedToWholeBlocksForEveryLengthOfName) {
  for (std::size_t size = 1; size <= kMaxName; ++size) {
    if (size == 2) continue;  // no name has two octets
    Asked with;
    with.question = {name_of(size), Type::TXT};
    ASSERT_EQ(with.question.name.size(), size);
    const RenderedQuery query = render_upstream_query(with);
    EXPECT_EQ(query.size % kQueryBlock, 0U) << size;
    const std::size_t padding = query.size - query.padding_at - kOptionHeaderSize;
    EXPECT_GE(padding, 4U) << size;
    EXPECT_LT(padding, kQueryBlock + 4) << size;
    // What we send is what we would take.
    const auto back = parse_query(query.message());
    ASSERT_TRUE(back) << size;
    EXPECT_TRUE(back->edns && back->edns->asks_padding);
    EXPECT_FALSE(back->edns->asks_keepalive);
    EXPECT_EQ(to_hex(back->question.name.wire()), to_hex(with.question.name.wire()));
    EXPECT_EQ(back->question.type, Type::TXT);
  }
}

TEST(UpstreamQuery, SaysNothingButWhatWasAsked) {
  // Two askers of one thing in different spellings cannot be told apart.
  EXPECT_EQ(to_hex(render_upstream_query(asked("wWw.Example")).message()),
            to_hex(render_upstream_query(asked("Www.eXAMPLE")).message()));
}

TEST(UpstreamQuery, TakesAKeepaliveInItsPaddingForEveryLengthOfName) {
  for (std::size_t size = 1; size <= kMaxName; ++size) {
    if (size == 2) continue;
    Asked with;
    with.question = {name_of(size), Type::A};
    RenderedQuery query = render_upstream_query(with);
    const Octets rdata = query.message().subspan(query.padding_at);
    const std::size_t padding = rdata.size() - kOptionHeaderSize;
    offer_keepalive(MutableOctets(query.octets).first(query.size), query.padding_at);
    OptionReader options(rdata);
    const auto keepalive = options.next();
    ASSERT_TRUE(keepalive) << size;
    EXPECT_EQ(keepalive->code, EdnsOption::tcp_keepalive);
    EXPECT_TRUE(keepalive->data.empty());
    const auto rest = options.next();
    ASSERT_TRUE(rest) << size;
    EXPECT_EQ(rest->code, EdnsOption::padding);
    EXPECT_EQ(rest->data.size(), padding - 4);
    EXPECT_FALSE(options.next());
    EXPECT_FALSE(options.malformed());
    const auto back = parse_query(query.message());
    ASSERT_TRUE(back) << size;
    EXPECT_TRUE(back->edns->asks_keepalive && back->edns->asks_padding);
  }
}

}  // namespace
}  // namespace dotkeep::dns
