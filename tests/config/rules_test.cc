// Rules that no key can tell alone.
#include "helpers.h"

namespace dotkeep::config {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string upstream(std::string_view rest) {
  return "[[upstream]]\naddress = \"192.0.2.1\"\n" + std::string(rest) + "\n";
}

TEST(Upstreams, NeedANameOrPins) {
  EXPECT_THAT(errors(upstream("")), HasSubstr("f:1: upstream[0]: has neither a name nor pins"));
  EXPECT_THAT(errors(upstream("pins = []")), HasSubstr("has neither a name nor pins"));
  EXPECT_EQ(errors(upstream("name = \"\"")),
            "f:3: upstream[0].name: is empty; leave it out when pins alone decide\n");
  const std::string pin = "pins = [\"" + std::string(kPinA) + "\"]";
  EXPECT_EQ(errors(upstream(pin)), "");
  EXPECT_THAT(warnings(upstream(pin)), HasSubstr("one pin without a backup"));
  const std::string pins =
      "pins = [\"" + std::string(kPinA) + "\", \"" + std::string(kPinB) + "\"]";
  EXPECT_EQ(warnings(upstream(pins)), "");
  const std::string twice =
      "pins = [\"" + std::string(kPinA) + "\", \"" + std::string(kPinA) + "\"]";
  EXPECT_THAT(errors(upstream(twice)), HasSubstr("pins[1]: is there twice"));
}

TEST(Upstreams, AreLessStrictOnlyWhereANameProvesThem) {
  const std::string pins =
      "pins = [\"" + std::string(kPinA) + "\", \"" + std::string(kPinB) + "\"]\n";
  const std::string name = "name = \"a.b\"\n";
  EXPECT_THAT(errors(upstream(pins + "pin_mode = \"report\"")),
              HasSubstr("f:4: upstream[0].pin_mode: is \"report\", but without a name"));
  EXPECT_EQ(errors(upstream(name + pins + "pin_mode = \"report\"")), "");
  EXPECT_EQ(warnings(upstream(name + pins + "pin_mode = \"report\"")), "");
  EXPECT_THAT(warnings(upstream(name + "pin_mode = \"report\"")),
              HasSubstr("no pins to report on"));
  EXPECT_THAT(errors(upstream(name + "pin_mode = \"reports\"")), HasSubstr("pin_mode"));
  EXPECT_THAT(errors(upstream(pins + "ocsp = \"require\"")),
              HasSubstr("f:4: upstream[0].ocsp: is \"require\", but without a name"));
  EXPECT_EQ(errors(upstream(name + "ocsp = \"require\"")), "");
}

TEST(Upstreams, AnEmptyListIsNone) {
  EXPECT_THAT(errors("upstream = []\n"), HasSubstr("upstream: there is none"));
}

TEST(Upstreams, WithANameNeedCas) {
  EXPECT_THAT(errors(upstream("name = \"a.b\"") + "[tls]\nca_file = \"\"\n"),
              HasSubstr("tls.ca_file is empty"));
  EXPECT_EQ(errors(upstream("pins = [\"" + std::string(kPinA) + "\"]") + "[tls]\nca_file = \"\"\n"),
            "");
}

TEST(Upstreams, HaveDifferentIds) {
  const std::string one = upstream("name = \"a.b\"\nid = \"a\"");
  EXPECT_THAT(errors(one + one), HasSubstr("f:8: upstream[1].id: is 'a', which another"));
  // A default may meet a given one.
  EXPECT_THAT(errors(upstream("name = \"a.b\"\nid = \"upstream-2\"") + upstream("name = \"a.b\"")),
              HasSubstr("which another upstream has already"));
}

TEST(Upstreams, AreAtMostSixtyFour) {
  std::string toml;
  for (int i = 0; i < 64; ++i) toml += upstream("name = \"a.b\"");
  EXPECT_EQ(errors(toml), "");
  EXPECT_THAT(errors(toml + upstream("name = \"a.b\"")), HasSubstr("at most 64 are allowed"));
  Overrides overrides;
  overrides.upstreams.assign(65, {"192.0.2.1#a.b", {}});
  EXPECT_THAT(errors("", overrides), HasSubstr("more than 64 times"));
}

TEST(Upstreams, CannotBeNobodysAddress) {
  EXPECT_THAT(errors("[[upstream]]\naddress = \"0.0.0.0\"\nname = \"a.b\""),
              HasSubstr("is 0.0.0.0:853, which is no server's address"));
  EXPECT_THAT(errors("[[upstream]]\naddress = \"[fe80::1]\"\nname = \"a.b\""),
              HasSubstr("link-local"));
}

TEST(Listeners, MayNotOverlap) {
  const std::string both = "[[listen]]\naddress = \"127.0.0.1\"\n";
  const std::string udp = both + "protocols = [\"udp\"]\n";
  const std::string tcp = both + "protocols = [\"tcp\"]\n";
  EXPECT_EQ(errors_beside(udp + tcp), "");
  EXPECT_EQ(errors_beside(tcp + udp), "");
  EXPECT_THAT(errors_beside(both + udp), HasSubstr("listen[1].address: is 127.0.0.1:53, which"));
  EXPECT_THAT(errors_beside(tcp + tcp), HasSubstr("which another listener has already"));
  EXPECT_THAT(errors_beside("[[listen]]\naddress = \"224.0.0.1\"\n"), HasSubstr("multicast"));
  EXPECT_THAT(errors_beside("[[listen]]\nprotocols = [\"udp\"]\n"),
              HasSubstr("listen[0].address: is missing"));
}

TEST(Routes, NameUpstreamsThatExist) {
  const std::string two =
      upstream("id = \"a\"\nname = \"a.b\"") + upstream("id = \"b\"\nname = \"a.b\"");
  const auto route = [](std::string_view domain, std::string_view ids) {
    return "[[route]]\ndomain = \"" + std::string(domain) + "\"\nupstreams = [" + std::string(ids) +
           "]\n";
  };
  EXPECT_EQ(warnings(two + route("x.y", "\"b\"")), "");
  EXPECT_THAT(errors(two + route("x.y", "\"c\"")),
              HasSubstr("names 'c', which is no upstream's id"));
  EXPECT_THAT(errors(two + route("x.y", "\"b\", \"b\"")), HasSubstr("names 'b' twice"));
  EXPECT_THAT(errors(two + route("x.y", "")), HasSubstr("has 0 items"));
  EXPECT_THAT(errors(two + route("x.y", "\"a\"") + route("X.y.", "\"b\"")),
              HasSubstr("route[1].domain: is 'x.y', which another route has already"));
  EXPECT_THAT(warnings(two + route("x.y", "\"a\", \"b\"")), HasSubstr("answered SERVFAIL"));
}

TEST(Access, OpensOnlyByConsent) {
  EXPECT_THAT(errors_beside("[access]\nallow = [\"10.0.0.0/8\", \"0.0.0.0/0\"]"),
              HasSubstr("f:2: access.allow: has 0.0.0.0/0, which opens dotkeep to the world"));
  EXPECT_THAT(errors_beside("[access]\nopen = \"yes\""), HasSubstr("write \"no\" or \"yes, to"));
  const std::string open = std::string(kGood) + "[access]\nopen = \"yes, to everyone\"\n";
  EXPECT_THAT(warnings(open), HasSubstr("f:5: warning: access.open: lets the whole Internet ask"));
  const Config config = parse_good(open).config;
  EXPECT_THAT(config.access.allow, SizeIs(10));  // both families' /0 were added
  EXPECT_EQ(config.access.allow.back().to_text(), "::/0");
  const std::string said =
      std::string(kGood) + "[access]\nallow = [\"0.0.0.0/0\"]\nopen = \"yes, to everyone\"\n";
  EXPECT_THAT(parse_good(said).config.access.allow, SizeIs(2));
}

TEST(Access, ToNobodyIsAWarning) {
  EXPECT_THAT(warnings(std::string(kGood) + "[access]\nallow = []\n"), HasSubstr("nobody may ask"));
}

TEST(Limits, OfOneAreAtMostThoseOfAll) {
  EXPECT_THAT(errors_beside("[limits]\npending_per_client = 20000"),
              HasSubstr("f:2: limits.pending_per_client: leaves pending_per_client = 20000 above"));
  EXPECT_THAT(errors_beside("[limits]\ntcp_clients = 10"),
              HasSubstr("f:2: limits.tcp_clients: leaves tcp_per_client = 64 above"));
  EXPECT_THAT(errors_beside("[cache]\nmin_ttl = \"1h\"\nmax_ttl = \"1m\""),
              HasSubstr("f:2: cache.min_ttl: is longer than"));
}

TEST(Limits, UnprovenRateFollowsTheRateUnlessWritten) {
  const auto unproven = [](const char* limits) {
    return parse_good(std::string(kGood) + limits).config.limits.unproven_rate;
  };
  EXPECT_EQ(unproven(""), 5'000U);
  EXPECT_EQ(unproven("[limits]\nrate = 1000\n"), 25'000U);
  EXPECT_EQ(unproven("[limits]\nrate = 1000000\n"), 1'000'000U);
  EXPECT_EQ(unproven("[limits]\nrate = 1000\nunproven_rate = 70\n"), 70U);
}

TEST(Overrides, WorkWithoutAFile) {
  Overrides overrides;
  overrides.listen = {"127.0.0.1:5353"};
  overrides.upstreams = {{"9.9.9.9:853#dns.quad9.net", {}},
                         {"192.0.2.1", {std::string(kPinA), std::string(kPinB)}}};
  const Config config = parse_good("", overrides).config;
  ASSERT_THAT(config.listeners, SizeIs(1));
  EXPECT_EQ(config.listeners[0].endpoint.port, 5353);
  ASSERT_THAT(config.upstreams, SizeIs(2));
  EXPECT_EQ(config.upstreams[0].name, "dns.quad9.net");
  EXPECT_THAT(config.upstreams[0].pins, SizeIs(0));
  EXPECT_THAT(config.upstreams[1].pins, SizeIs(2));
}

TEST(Overrides, ReplaceTheFilesLists) {
  Overrides overrides;
  overrides.upstreams = {{"192.0.2.7#a.b", {}}};
  const std::string file = "[[listen]]\naddress = \"127.0.0.1:1\"\n" + std::string(kGood);
  const Config config = parse_good(file, overrides).config;
  EXPECT_EQ(config.listeners[0].endpoint.port, 1);
  ASSERT_THAT(config.upstreams, SizeIs(1));
  EXPECT_EQ(config.upstreams[0].endpoint.to_text(), "192.0.2.7:853");
  const std::string routed =
      upstream("id = \"a\"\nname = \"a.b\"") + "[[route]]\ndomain = \"x.y\"\nupstreams = [\"a\"]\n";
  EXPECT_THAT(errors(routed, overrides), HasSubstr("--upstream replaced those of the file"));
}

TEST(Overrides, NameTheOptionThatIsWrong) {
  Overrides overrides;
  overrides.listen = {"x", "127.0.0.1:1", "127.0.0.1:1"};
  overrides.upstreams = {
      {"", {"AAAA"}}, {"192.0.2.1", {}}, {"192.0.2.1#", {}}, {"192.0.2.1#a.b", {"AAAA"}}};
  EXPECT_EQ(errors("", overrides),
            "--listen: is 'x', not an IPv4 or IPv6 address (names are not looked up)\n"
            "--pin: belongs to the --upstream before it, and there is none\n"
            "--upstream: is '192.0.2.1#' with no name behind the '#'\n"
            "--pin: is 'AAAA', base64 of 3 octets; a pin is 32, the SHA-256 of a public key\n"
            "--listen '127.0.0.1:1': is 127.0.0.1:1, which another listener has already\n"
            "--upstream '192.0.2.1': has neither a name nor pins, so nothing could prove the "
            "server; give the name in its certificate, or pins\n");
}

TEST(UpstreamArgument, IsAddressAndName) {
  EXPECT_EQ(parse_upstream_argument("[2001:db8::1]:8853#A.b")->name, "a.b");
  EXPECT_EQ(parse_upstream_argument("[2001:db8::1]:8853#A.b")->endpoint.to_text(),
            "[2001:db8::1]:8853");
  EXPECT_EQ(parse_upstream_argument("192.0.2.1")->name, "");
  EXPECT_FALSE(parse_upstream_argument("#a.b"));
  EXPECT_FALSE(parse_upstream_argument("192.0.2.1#a.b#c"));
  EXPECT_FALSE(parse_upstream_argument("192.0.2.1# a.b"));
  EXPECT_FALSE(parse_upstream_argument(""));
}

}  // namespace
}  // namespace dotkeep::config
