#include "dns/edns.h"

#include <gtest/gtest.h>

#include "tests/dns/client_message.h"

namespace dotkeep::dns {
namespace {

TEST(Opt, SaysWhatItsFieldsMean) {
  const Bytes rdata = from_hex("00");
  const Opt opt = Opt::from_fields(1232, 0x01028000, rdata);
  EXPECT_EQ(opt.payload, 1232);
  EXPECT_EQ(opt.extended_rcode, 1);
  EXPECT_EQ(opt.version, 2);
  EXPECT_TRUE(opt.dnssec_ok);
  EXPECT_EQ(opt.options.data(), rdata.data());
  EXPECT_FALSE(Opt::from_fields(0, 0x00007fff, {}).dnssec_ok);
}

TEST(OptionReader, YieldsOptionsInOrder) {
  const Bytes rdata = from_hex("000a 0002 0102 fde9 0000");
  OptionReader options(rdata);
  const auto first = options.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->code, EdnsOption::cookie);
  EXPECT_EQ(to_hex(first->data), "0102");
  const auto second = options.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(static_cast<int>(second->code), 65001);
  EXPECT_TRUE(second->data.empty());
  EXPECT_FALSE(options.next());
  EXPECT_FALSE(options.malformed());
}

TEST(OptionReader, StopsAtAnOverrunForGood) {
  for (const std::string_view hex : {"00", "000a", "000a00", "000a 0001", "000a 0002 01"}) {
    const Bytes rdata = from_hex(hex);
    OptionReader options(rdata);
    EXPECT_FALSE(options.next()) << hex;
    EXPECT_TRUE(options.malformed()) << hex;
    EXPECT_FALSE(options.next()) << hex;
  }
}

TEST(OptionReader, CountsToItsBound) {
  Bytes rdata;
  for (std::size_t i = 0; i < kMaxEdnsOptions; ++i) append(rdata, from_hex("fde9 0000"));
  OptionReader all(rdata);
  std::size_t count = 0;
  while (all.next()) ++count;
  EXPECT_EQ(count, kMaxEdnsOptions);
  EXPECT_FALSE(all.malformed());

  append(rdata, from_hex("fde9 0000"));
  OptionReader more(rdata);
  while (more.next()) {
  }
  EXPECT_TRUE(more.malformed());
}

class OptWriterTest : public testing::Test {
 protected:
  Bytes buffer_ = Bytes(64);
  Writer out_{buffer_};
};

TEST_F(OptWriterTest, WritesTheFixedPart) {
  OptWriter opt(out_, 1232, Rcode::badvers, true);
  opt.finish();
  EXPECT_EQ(to_hex(out_.written()), to_hex(from_hex("00 0029 04d0 01008000 0000")));
  EXPECT_EQ(out_.size(), kOptSize);
}

TEST_F(OptWriterTest, CountsItsOptions) {
  out_.u8(0xff);
  OptWriter opt(out_, 512, Rcode::noerror, false);
  opt.option(EdnsOption::tcp_keepalive, from_hex("0102"));
  opt.padding(3);
  opt.finish();
  EXPECT_EQ(to_hex(out_.written()),
            to_hex(from_hex("ff 00 0029 0200 00000000 000d 000b 0002 0102 000c 0003 000000")));
}

TEST_F(OptWriterTest, DropsTheTextOfAnErrorThenTheError) {
  const Ede ede = make_ede(ExtendedError::prohibited, "no");
  const std::string fixed = to_hex(from_hex("00 0029 0200 00000000"));
  const auto written = [&](std::size_t limit) {
    out_.rewind(0);
    OptWriter opt(out_, 512, Rcode::noerror, false);
    opt.ede(ede, limit);
    opt.finish();
    return to_hex(out_.written());
  };
  EXPECT_EQ(written(19), fixed + to_hex(from_hex("0008 000f 0004 0012 6e6f")));
  EXPECT_EQ(written(18), fixed + to_hex(from_hex("0006 000f 0002 0012")));
  EXPECT_EQ(written(17), fixed + to_hex(from_hex("0006 000f 0002 0012")));
  EXPECT_EQ(written(16), fixed + "0000");
  EXPECT_EQ(written(0), fixed + "0000");
}

TEST_F(OptWriterTest, AnErrorNeverBreaksAShortBuffer) {
  const Ede ede = make_ede(ExtendedError::prohibited, "no");
  Writer text_too_long(MutableOctets(buffer_).first(18));
  OptWriter without_text(text_too_long, 512, Rcode::noerror, false);
  without_text.ede(ede, 1000);
  EXPECT_TRUE(text_too_long.ok());
  EXPECT_EQ(text_too_long.size(), 17U);
  Writer too_short(MutableOctets(buffer_).first(16));
  OptWriter without_ede(too_short, 512, Rcode::noerror, false);
  without_ede.ede(ede, 1000);
  EXPECT_TRUE(too_short.ok());
  EXPECT_EQ(too_short.size(), kOptSize);
}

class ClientOptTest : public OptWriterTest {
 protected:
  std::string written(std::size_t limit = 64, std::span<const Ede> reply_edes = {}) {
    out_.rewind(0);
    write_client_opt(out_, edns_, Rcode::noerror, options_, reply_edes, limit);
    return to_hex(out_.written());
  }
  ClientEdns edns_;
  ResponseOptions options_;
};

TEST_F(ClientOptTest, HasOurPayloadAndTheClientsDo) {
  EXPECT_EQ(written(), to_hex(from_hex("00 0029 04d0 00000000 0000")));
  edns_.dnssec_ok = true;
  EXPECT_EQ(written(), to_hex(from_hex("00 0029 04d0 00008000 0000")));
}

TEST_F(ClientOptTest, KeepaliveGoesToWhoAskedOnTcp) {
  const std::string without = to_hex(from_hex("00 0029 04d0 00000000 0000"));
  options_.keepalive = 0x012c;
  options_.transport = Transport::tcp;
  EXPECT_EQ(written(), without);
  edns_.asks_keepalive = true;
  options_.transport = Transport::udp;
  EXPECT_EQ(written(), without);
  options_.transport = Transport::tcp;
  EXPECT_EQ(written(), to_hex(from_hex("00 0029 04d0 00000000 0006 000b 0002 012c")));
  EXPECT_EQ(written(16), without);
  options_.keepalive.reset();
  EXPECT_EQ(written(), without);
}

TEST_F(ClientOptTest, CookieGoesFirstAndOnlyWhole) {
  options_.cookie.emplace();
  options_.cookie->size = 16;
  options_.cookie->octets[15] = 0x77;
  const std::string with =
      to_hex(from_hex("00 0029 04d0 00000000 0014 000a 0010")) + std::string(30, '0') + "77";
  EXPECT_EQ(written(31), with);
  EXPECT_EQ(written(30), to_hex(from_hex("00 0029 04d0 00000000 0000")));
}

TEST_F(ClientOptTest, TheReplysErrorsComeBeforeOurs) {
  const Ede of_reply = make_ede(ExtendedError::blocked, "");
  const Ede of_ours = make_ede(ExtendedError::stale_answer, "");
  options_.edes = {&of_ours, 1};
  EXPECT_EQ(written(64, {&of_reply, 1}),
            to_hex(from_hex("00 0029 04d0 00000000 000c 000f 0002 000f 000f 0002 0003")));
  options_.truncate = true;
  EXPECT_EQ(written(64, {&of_reply, 1}), to_hex(from_hex("00 0029 04d0 00000000 0000")));
}

}  // namespace
}  // namespace dotkeep::dns
