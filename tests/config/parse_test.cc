// What is read, and what each error says.
#include "helpers.h"

namespace dotkeep::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(Parse, ReadsEveryKey) {
  const Config config = parse_good(R"(
[process]
user = "resolver"
frontends = 2
[[listen]]
address = "[::1]:5353"
protocols = ["tcp"]
[[upstream]]
id = "quad9"
address = "9.9.9.9:8853"
name = "DNS.Quad9.net"
pins = ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
post_quantum = "require"
[[upstream]]
address = "[2001:db8::1]"
name = "192.0.2.1"
[[route]]
domain = "Corp.Example."
upstreams = ["upstream-2"]
[tls]
ca_file = "/ca.pem"
[query]
timeout = "250ms"
select = "round-robin"
[cache]
size = "16KiB"
file = "/var/cache/dotkeep"
stale = "2h"
min_ttl = "1m"
max_ttl = "1h"
[access]
allow = ["192.0.2.0/24"]
deny = ["192.0.2.1/32"]
open = "no"
[limits]
rate = 1
burst = 2
slip = 3
pending = 100
pending_per_client = 4
tcp_clients = 5
tcp_per_client = 5
prefix4 = 24
prefix6 = 64
[sandbox]
require = ["seccomp", "landlock"]
[log]
level = "debug"
format = "json"
queries = "on"
[metrics]
listen = "127.0.0.1:9153"
[control]
socket = "/run/other/control"
)")
                            .config;
  EXPECT_EQ(config.process.user, "resolver");
  EXPECT_EQ(config.process.frontends, 2U);
  ASSERT_THAT(config.listeners, SizeIs(1));
  EXPECT_EQ(config.listeners[0].endpoint.to_text(), "[::1]:5353");
  EXPECT_FALSE(config.listeners[0].udp);
  EXPECT_TRUE(config.listeners[0].tcp);
  ASSERT_THAT(config.upstreams, SizeIs(2));
  EXPECT_EQ(config.upstreams[0].id, "quad9");
  EXPECT_EQ(config.upstreams[0].endpoint.to_text(), "9.9.9.9:8853");
  EXPECT_EQ(config.upstreams[0].name, "dns.quad9.net");
  ASSERT_THAT(config.upstreams[0].pins, SizeIs(2));
  EXPECT_EQ(config.upstreams[0].pins[1][31], 31);
  EXPECT_EQ(config.upstreams[0].post_quantum, PostQuantum::require);
  EXPECT_EQ(config.upstreams[1].id, "upstream-2");
  EXPECT_EQ(config.upstreams[1].endpoint.port, 853);
  EXPECT_EQ(config.upstreams[1].post_quantum, PostQuantum::prefer);
  ASSERT_THAT(config.routes, SizeIs(1));
  EXPECT_EQ(config.routes[0].domain, "corp.example");
  EXPECT_THAT(config.routes[0].upstreams, ElementsAre(1U));
  EXPECT_EQ(config.tls.ca_file, "/ca.pem");
  EXPECT_EQ(config.query.timeout, std::chrono::milliseconds(250));
  EXPECT_EQ(config.query.select, Select::round_robin);
  EXPECT_EQ(config.cache.size, 16384U);
  EXPECT_EQ(config.cache.file, "/var/cache/dotkeep");
  EXPECT_EQ(config.cache.stale, std::chrono::hours(2));
  EXPECT_EQ(config.cache.min_ttl, std::chrono::minutes(1));
  EXPECT_EQ(config.cache.max_ttl, std::chrono::hours(1));
  ASSERT_THAT(config.access.allow, SizeIs(1));
  EXPECT_EQ(config.access.allow[0].to_text(), "192.0.2.0/24");
  ASSERT_THAT(config.access.deny, SizeIs(1));
  EXPECT_FALSE(config.access.open);
  EXPECT_EQ(config.limits.rate, 1U);
  EXPECT_EQ(config.limits.burst, 2U);
  EXPECT_EQ(config.limits.slip, 3U);
  EXPECT_EQ(config.limits.pending, 100U);
  EXPECT_EQ(config.limits.pending_per_client, 4U);
  EXPECT_EQ(config.limits.tcp_clients, 5U);
  EXPECT_EQ(config.limits.tcp_per_client, 5U);
  EXPECT_EQ(config.limits.prefix4, 24U);
  EXPECT_EQ(config.limits.prefix6, 64U);
  EXPECT_THAT(config.sandbox.require, ElementsAre("seccomp", "landlock"));
  EXPECT_EQ(config.log.level, LogLevel::debug);
  EXPECT_EQ(config.log.format, LogFormat::json);
  EXPECT_TRUE(config.log.queries);
  EXPECT_EQ(config.metrics.listen, "127.0.0.1:9153");
  EXPECT_EQ(config.control.socket, "/run/other/control");
}

TEST(Parse, HasDefaults) {
  const Config config = parse_good(kGood).config;
  ASSERT_THAT(config.listeners, SizeIs(1));
  EXPECT_EQ(config.listeners[0].endpoint.to_text(), "127.0.0.1:53");
  EXPECT_TRUE(config.listeners[0].udp && config.listeners[0].tcp);
  EXPECT_THAT(config.access.allow, SizeIs(8));
  EXPECT_THAT(config.access.deny, IsEmpty());
  EXPECT_EQ(config.limits.rate, 200U);
  EXPECT_THAT(config.sandbox.require, ElementsAre("seccomp"));
  EXPECT_EQ(warnings(kGood), "");
}

TEST(Parse, WantsAnUpstreamAndSaysHow) {
  EXPECT_THAT(errors(""), AllOf(StartsWith("f: upstream: there is none, and none is built in"),
                                HasSubstr("[[upstream]]"), HasSubstr("--upstream '")));
  // Beside other errors too.
  EXPECT_THAT(errors("[log]\nlevel = 1\n"), HasSubstr("none is built in"));
}

TEST(Parse, ReportsEveryErrorAtOnceInTheOrderOfTheFile) {
  EXPECT_EQ(errors_beside("[log]\nlevel = \"loud\"\n[process]\nfrontends = 65\nuser = \"root\""),
            "f:2: log.level: is the text 'loud'; write \"error\", \"warning\", \"info\" or "
            "\"debug\"\n"
            "f:4: process.frontends: is 65; allowed is from 0 to 64 (each is a process; 0 lets "
            "dotkeep choose)\n"
            "f:5: process.user: is 'root'; dotkeep does not run as root: name an unprivileged "
            "account\n");
}

TEST(Parse, NamesUnknownKeysAndTheLikelyOnes) {
  EXPECT_EQ(errors_beside("[limits]\nrat = 5"),
            "f:2: limits: unknown key 'rat'; did you mean 'rate'?\n");
  EXPECT_EQ(errors_beside("rate = 5"), "f:1: unknown key 'rate'; it belongs in [limits]\n");
  EXPECT_EQ(errors_beside("[log]\naddress = 5"),
            "f:2: log: unknown key 'address'; it belongs in [[upstream]]\n");
  EXPECT_EQ(errors_beside("[lmits]\nrate = 5"),
            "f:1: unknown section 'lmits'; did you mean 'limits'?\n");
  // A route has a key of this name, but whoever writes a section means a section.
  EXPECT_EQ(errors_beside("[[upstreams]]\naddress = \"192.0.2.1\""),
            "f:1: unknown section 'upstreams'; did you mean 'upstream'?\n");
  EXPECT_EQ(errors_beside("\"\\u001b[2J\" = 5"), "f:1: unknown key '\\x1b[2J'\n");
}

TEST(Parse, TellsTheNotationOfTheCommandLineFromThatOfTheFile) {
  EXPECT_THAT(errors("[[upstream]]\naddress = \"192.0.2.1:853#dns.example\"\nname = \"x.example\""),
              HasSubstr("f:2: upstream[0].address: is '192.0.2.1:853#dns.example'; '#' and a name "
                        "belong to the command line's --upstream"));
}

TEST(Parse, KnowsSectionsFromLists) {
  EXPECT_THAT(errors("[upstream]\naddress = \"192.0.2.1\""), HasSubstr("write [[upstream]]"));
  EXPECT_THAT(errors_beside("[[log]]\nlevel = \"info\""), HasSubstr("log: is there once only"));
  EXPECT_THAT(errors_beside("log = 5"), HasSubstr("log: is the number 5; it is a section, [log]"));
  EXPECT_THAT(errors_beside("listen = [5]"), HasSubstr("listen[0]: is the number 5"));
}

TEST(Parse, WantsTheRightKindOfValue) {
  EXPECT_THAT(errors_beside("[query]\ntimeout = 5"),
              HasSubstr("is the number 5; write a time with its unit, such as \"5s\""));
  EXPECT_THAT(errors_beside("[cache]\nsize = 65536"),
              HasSubstr("write a size with its unit, such as \"64MiB\""));
  EXPECT_THAT(errors_beside("[limits]\nrate = \"5\""), HasSubstr("write a whole number"));
  EXPECT_THAT(errors_beside("[limits]\nrate = 5.5"), HasSubstr("a fraction; write a whole number"));
  EXPECT_THAT(errors_beside("[log]\nqueries = true"),
              HasSubstr("is true; write \"off\" or \"on\""));
  EXPECT_THAT(errors_beside("[tls]\nca_file = []"), HasSubstr("is an empty list; write text"));
  EXPECT_THAT(errors_beside("[access]\nallow = \"10.0.0.0/8\""), HasSubstr("a list of prefixes"));
  EXPECT_THAT(errors_beside("[access]\nallow = [5]"),
              HasSubstr("access.allow[0]: is the number 5"));
  EXPECT_THAT(errors_beside("[[listen]]\naddress = \"127.0.0.1\"\nprotocols = []"),
              HasSubstr("protocols: is an empty list"));
}

TEST(Parse, HoldsNumbersToTheirBounds) {
  const auto wrong = [](const char* toml) { return !errors_beside(toml).empty(); };
  EXPECT_FALSE(wrong("[query]\ntimeout = \"100ms\""));
  EXPECT_TRUE(wrong("[query]\ntimeout = \"99ms\""));
  EXPECT_FALSE(wrong("[query]\ntimeout = \"60s\""));
  EXPECT_TRUE(wrong("[query]\ntimeout = \"61s\""));
  EXPECT_TRUE(wrong("[limits]\nrate = 0"));
  EXPECT_TRUE(wrong("[limits]\nrate = -1"));
  EXPECT_TRUE(wrong("[limits]\nrate = 4294967297"));
  EXPECT_FALSE(wrong("[limits]\nslip = 0"));
  EXPECT_TRUE(wrong("[limits]\nprefix4 = 33"));
  EXPECT_TRUE(wrong("[limits]\nprefix6 = 129"));
  EXPECT_TRUE(wrong("[cache]\nsize = \"65GiB\""));
  EXPECT_FALSE(wrong("[process]\nfrontends = 64"));
}

TEST(Parse, TakesEveryLayerThatTheSandboxNames) {
  const auto wrong = [](const std::string& layer) {
    return errors_beside("[sandbox]\nrequire = [\"" + layer + "\"]");
  };
  for (const char* layer :
       {"no_new_privs", "capabilities", "seccomp", "landlock", "landlock_files", "landlock_network",
        "landlock_scopes", "mdwe", "not_dumpable", "descriptors", "no_memory", "mseal",
        "namespaces", "empty_network", "empty_root", "memory_locked", "all"}) {
    EXPECT_EQ(wrong(layer), "");
  }
  EXPECT_THAT(wrong("secomp"), HasSubstr("did you mean 'seccomp'?"));
  EXPECT_THAT(wrong("speculation"), HasSubstr("write a list of"));
}

TEST(Parse, NamesTheItemOfAList) {
  const std::string toml =
      std::string(kGood) + "[[upstream]]\naddress = \"192.0.2.2\"\npins = [\"AAAA\"]\n";
  EXPECT_EQ(errors(toml),
            "f:6: upstream[1].pins[0]: is 'AAAA', base64 of 3 octets; a pin is 32, the SHA-256 of "
            "a public key\n");
}

TEST(Parse, ReportsSyntaxWithItsLine) {
  EXPECT_THAT(errors("[log]\nlevel = \n"), StartsWith("f:2: is not TOML: "));
  EXPECT_THAT(errors("[log]\nlevel = \"info\"\nlevel = \"info\"\n"),
              StartsWith("f:3: is not TOML"));
  EXPECT_THAT(errors("x = '\xff'"), StartsWith("f:1: is not TOML"));
  EXPECT_THAT(errors("[[= 5"), StartsWith("f:1: is not TOML"));
  EXPECT_THAT(errors(std::string("x = t\0", 6)), HasSubstr("\\x00"));
}

TEST(Parse, EveryKeyHasAnEffect) {
  const std::string metrics =
      std::string(kGood) + "[metrics]\nlisten = \"127.0.0.1:1\"\n[cache]\nstale = \"1d\"\n";
  EXPECT_EQ(warnings(metrics), "");
}

}  // namespace
}  // namespace dotkeep::config
