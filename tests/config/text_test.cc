// Pins, names and suggestions.
#include <array>

#include "config/names.h"
#include "config/suggest.h"
#include "helpers.h"

namespace dotkeep::config {
namespace {

using ::testing::HasSubstr;

TEST(Pin, ReadsBase64OfThirtyTwoOctets) {
  const auto pin = parse_pin(kPinB);
  ASSERT_TRUE(pin) << pin.error();
  for (std::size_t i = 0; i < pin->size(); ++i) EXPECT_EQ((*pin)[i], i);
  EXPECT_EQ(parse_pin("sha256/" + std::string(kPinB)), pin);
  EXPECT_EQ(pin_text(*pin), kPinB);
}

TEST(Pin, EveryOctetSurvives) {
  for (unsigned value = 0; value < 256; ++value) {
    Pin pin{};
    pin.fill(static_cast<std::uint8_t>(value));
    EXPECT_EQ(parse_pin(pin_text(pin)), pin) << value;
  }
}

TEST(Pin, SaysWhatIsWrong) {
  const auto wrong = [](std::string_view text) {
    const auto pin = parse_pin(text);
    return pin ? std::string("accepted") : pin.error();
  };
  EXPECT_THAT(wrong(""), HasSubstr("base64 of 0 octets"));
  EXPECT_THAT(wrong("AAAA"), HasSubstr("base64 of 3 octets; a pin is 32"));
  EXPECT_THAT(wrong("not base64!"), HasSubstr("' ' is not of its alphabet"));
  EXPECT_THAT(wrong(std::string(64, 'a')), HasSubstr("hexadecimal"));
  EXPECT_THAT(wrong(std::string(43, 'A')), HasSubstr("exactly one '='"));
  EXPECT_THAT(wrong(std::string(43, 'A') + "=="), HasSubstr("exactly one '='"));
  EXPECT_THAT(wrong(std::string(43, 'A') + "=A"), HasSubstr("exactly one '='"));
  EXPECT_THAT(wrong(std::string(42, 'A') + "B="), HasSubstr("bits that no octet uses"));
  EXPECT_THAT(wrong(std::string(42, 'A') + "C="), HasSubstr("bits that no octet uses"));
  EXPECT_THAT(wrong("sha512/" + std::string(kPinA)), HasSubstr("octets"));
  // The URL alphabet is another encoding.
  EXPECT_THAT(wrong(std::string(42, '_') + "A="), HasSubstr("alphabet"));
}

std::string kept(Complaint (*check)(std::string&), std::string text) {
  const Complaint complaint = check(text);
  return complaint ? "error: " + *complaint : text;
}

TEST(ServerName, IsAHostNameOrAnAddress) {
  EXPECT_EQ(kept(check_server_name, "DNS.Quad9.net"), "dns.quad9.net");
  EXPECT_EQ(kept(check_server_name, "localhost"), "localhost");
  EXPECT_EQ(kept(check_server_name, "192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(kept(check_server_name, "2001:DB8:0::1"), "2001:db8::1");
  EXPECT_EQ(kept(check_server_name, std::string(63, 'a') + ".b"), std::string(63, 'a') + ".b");
}

TEST(ServerName, RefusesTheRest) {
  EXPECT_THAT(kept(check_server_name, ""), HasSubstr("is empty"));
  EXPECT_THAT(kept(check_server_name, "dns.example."), HasSubstr("without the final dot"));
  EXPECT_THAT(kept(check_server_name, "*.example"), HasSubstr("'*' in it"));
  EXPECT_THAT(kept(check_server_name, "a_b.example"), HasSubstr("'_' in it"));
  EXPECT_THAT(kept(check_server_name, "d\xc3\xa4.example"), HasSubstr("xn--"));
  EXPECT_THAT(kept(check_server_name, "a..b"), HasSubstr("empty label"));
  EXPECT_THAT(kept(check_server_name, "-a.b"), HasSubstr("hyphen"));
  EXPECT_THAT(kept(check_server_name, "a-.b"), HasSubstr("hyphen"));
  EXPECT_THAT(kept(check_server_name, "192.0.2.1.5"), HasSubstr("neither a name nor"));
  EXPECT_THAT(kept(check_server_name, std::string(64, 'a')), HasSubstr("label of 64 octets"));
  EXPECT_THAT(kept(check_server_name, std::string("a\0b", 3)), HasSubstr("'\\x00' in it"));
  std::string name;
  while (name.size() < 250) name += "a.";
  EXPECT_EQ(kept(check_server_name, name + "aaa"), name + "aaa");
  EXPECT_THAT(kept(check_server_name, name + "aaaa"), HasSubstr("name of 254 octets"));
}

TEST(Domain, MayHaveUnderscoresAndAFinalDot) {
  EXPECT_EQ(kept(check_domain, "Corp.Example."), "corp.example");
  EXPECT_EQ(kept(check_domain, "_tcp.example"), "_tcp.example");
  EXPECT_THAT(kept(check_domain, "."), HasSubstr("root"));
  EXPECT_THAT(kept(check_domain, "a.."), HasSubstr("empty label"));
}

TEST(OtherText, IsChecked) {
  EXPECT_EQ(kept(check_id, "quad9-1"), "quad9-1");
  EXPECT_THAT(kept(check_id, "a b"), HasSubstr("error"));
  EXPECT_THAT(kept(check_id, std::string(64, 'a')), HasSubstr("error"));
  EXPECT_EQ(kept(check_user, "65532"), "65532");
  EXPECT_THAT(kept(check_user, ""), HasSubstr("is empty"));
  EXPECT_THAT(kept(check_user, "root"), HasSubstr("does not run as root"));
  EXPECT_THAT(kept(check_user, "0"), HasSubstr("does not run as root"));
  EXPECT_THAT(kept(check_user, "-a"), HasSubstr("not the name"));
  EXPECT_EQ(kept(check_path, ""), "");
  EXPECT_THAT(kept(check_path, "a/b"), HasSubstr("absolute path"));
  EXPECT_THAT(kept(check_path, std::string("/a\0b", 4)), HasSubstr("octet 0"));
  EXPECT_THAT(kept(check_path, "/" + std::string(4095, 'a')), HasSubstr("4095"));
  EXPECT_EQ(kept(check_metrics_listen, "127.0.0.1"), "127.0.0.1:9153");
}

TEST(Suggestion, IsTheNearestWord) {
  constexpr std::array<std::string_view, 4> kWords{"address", "name", "pins", "id"};
  EXPECT_EQ(suggestion("adress", kWords), "; did you mean 'address'?");
  EXPECT_EQ(suggestion("nmae", kWords), "; did you mean 'name'?");
  EXPECT_EQ(suggestion("pin", kWords), "; did you mean 'pins'?");
  EXPECT_EQ(suggestion("zzzzzz", kWords), "");
  EXPECT_EQ(suggestion("", kWords), "");
  EXPECT_EQ(suggestion(std::string(1000, 'a'), kWords), "");
}

}  // namespace
}  // namespace dotkeep::config
