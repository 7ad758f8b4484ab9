// The matrix of forms in which a private address can hide in an answer.
#include "admission/rebinding.h"

#include <gtest/gtest.h>

#include "dns/render.h"
#include "tests/admission/helpers.h"
#include "tests/dns/reply_message.h"

namespace dotkeep::admission {
namespace {

using dns::Type;
using dns::testing::ReplyMessage;

struct Row {
  const char* address;
  bool is_private;
};

constexpr Row kRows[] = {
    {"0.0.0.0", true},
    {"0.255.255.255", true},
    {"1.0.0.0", false},
    {"9.255.255.255", false},
    {"10.0.0.0", true},
    {"10.255.255.255", true},
    {"11.0.0.0", false},
    {"100.63.255.255", false},
    {"100.64.0.0", true},
    {"100.127.255.255", true},
    {"100.128.0.0", false},
    {"127.0.0.1", true},
    {"127.255.255.255", true},
    {"169.254.169.254", true},
    {"169.255.0.0", false},
    {"172.15.255.255", false},
    {"172.16.0.0", true},
    {"172.31.255.255", true},
    {"172.32.0.0", false},
    {"192.0.0.8", true},
    {"192.0.1.0", false},
    {"192.0.2.1", false},  // documentation: leads nowhere
    {"192.167.255.255", false},
    {"192.168.0.0", true},
    {"192.168.255.255", true},
    {"192.169.0.0", false},
    {"198.17.255.255", false},
    {"198.18.0.0", true},
    {"198.20.0.0", false},
    {"223.255.255.255", false},
    {"224.0.0.251", true},
    {"255.255.255.255", true},
    {"8.8.8.8", false},
    {"::", true},
    {"::1", true},
    {"::10.0.0.1", true},  // compatible
    {"::8.8.8.8", false},
    {"::ffff:192.168.1.1", true},  // mapped
    {"::ffff:127.0.0.1", true},
    {"::ffff:8.8.8.8", false},
    {"64:ff9b::10.1.2.3", true},  // NAT64
    {"64:ff9b::808:808", false},
    {"64:ff9b:1::808:808", true},  // a translator of this network
    {"64:ff9b:2::a00:1", false},
    {"2002:a01:203::1", true},  // 6to4 of 10.1.2.3
    {"2002:c0a8:101::1", true},
    {"2002:808:808::1", false},
    {"2001:0:808:808::f5fe:fdfc", true},  // Teredo of 10.1.2.3
    {"2001:0:a00:1::f7f7:f7f7", true},    // Teredo by a private server
    {"2001:0:808:808::f7f7:f7f7", false},
    {"2a00:1450::5efe:10.0.0.1", true},  // ISATAP
    {"2a00:1450::200:5efe:192.168.0.1", true},
    {"2a00:1450::5efe:8.8.8.8", false},
    {"fc00::1", true},
    {"fdff:ffff::1", true},
    {"fbff::1", false},
    {"fe80::1", true},
    {"febf::1", true},
    {"fec0::1", true},
    {"ff02::fb", true},
    {"100::1", true},
    {"2001:4860:4860::8888", false},
    {"2606:4700::1111", false},
};

TEST(Rebinding, IsPrivateOrNot) {
  static_assert(std::size(kRows) >= 30);
  for (const Row& row : kRows)
    EXPECT_EQ(is_private(ip(row.address)), row.is_private) << row.address;
}

// As a client would be given it: the octets of the record, not folded into what they stand for.
Bytes octets_of(const char* text) {
  Bytes octets(16);
  if (::inet_pton(AF_INET6, text, octets.data()) == 1) return octets;
  octets.resize(4);
  EXPECT_EQ(::inet_pton(AF_INET, text, octets.data()), 1) << text;
  return octets;
}

bool found_in(const ReplyMessage& message) {
  static const dns::ReplyScratchPtr scratch = dns::make_reply_scratch();
  const auto reply = dns::check_reply(message.asked, message.bytes(), *scratch);
  EXPECT_TRUE(reply) << (reply ? "" : dns::to_string(reply.error()));
  return reply && has_private_address(*reply);
}

TEST(Rebinding, IsFoundInAddressRecords) {
  for (const Row& row : kRows) {
    const Bytes address = octets_of(row.address);
    const Type type = address.size() == 4 ? Type::A : Type::AAAA;
    const Bytes harmless = octets_of(type == Type::A ? "8.8.8.8" : "2606:4700::1111");
    ReplyMessage alone("rebind.example", type);
    alone.answer("rebind.example", type, address);
    EXPECT_EQ(found_in(alone), row.is_private) << row.address;
    // Behind a harmless one and a CNAME it is the same.
    ReplyMessage hidden("www.example", type);
    hidden.cname("www.example", "rebind.example");
    hidden.answer("rebind.example", type, harmless).answer("rebind.example", type, address);
    EXPECT_EQ(found_in(hidden), row.is_private) << row.address;
  }
}

Bytes parameter(unsigned key, const Bytes& value) {
  using namespace dns::testing;
  return u16(key) + u16(static_cast<unsigned>(value.size())) + value;
}

TEST(Rebinding, IsFoundInHints) {
  using namespace dns::testing;
  for (const Row& row : kRows) {
    const Bytes address = octets_of(row.address);
    const bool v4 = address.size() == 4;
    const Bytes harmless = octets_of(v4 ? "8.8.8.8" : "2606:4700::1111");
    const Bytes alpn = parameter(1, hex("02 6832"));
    for (const Type type : {Type::HTTPS, Type::SVCB}) {
      ReplyMessage message("svc.example", type);
      message.answer(
          "svc.example", type,
          u16(1) + name("target.example") + alpn + parameter(v4 ? 4 : 6, harmless + address));
      EXPECT_EQ(found_in(message), row.is_private) << row.address;
    }
  }
}

TEST(Rebinding, OtherRecordsMaySayWhatTheyLike) {
  using namespace dns::testing;
  ReplyMessage message("text.example", Type::TXT);
  message.answer("text.example", Type::TXT, hex("04 0a000001"));
  EXPECT_FALSE(found_in(message));
  ReplyMessage alias("svc.example", Type::HTTPS);
  alias.answer("svc.example", Type::HTTPS, u16(0) + name("target.example"));
  EXPECT_FALSE(found_in(alias));
}

}  // namespace
}  // namespace dotkeep::admission
