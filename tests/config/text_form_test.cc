// The effective text, the bounds before the TOML library, the manual page and the examples.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/reference.h"
#include "config/value.h"
#include "helpers.h"

namespace dotkeep::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::filesystem::path source() {
  return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
}

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(EffectiveText, IsReadBackAsTheSame) {
  const std::string toml = R"(
[[listen]]
address = "0.0.0.0"
[[upstream]]
address = "192.0.2.1"
pins = ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]
[[upstream]]
id = "b"
address = "[2001:db8::1]"
name = "dns.example"
post_quantum = "off"
[[route]]
domain = "corp.example"
upstreams = ["b"]
[cache]
file = "/a \"quoted\\ \u001b\u007f path ä"
[access]
open = "yes, to everyone"
[query]
timeout = "1500ms"
select = "ordered"
)";
  const Parsed once = parse_good(toml);
  const Parsed again = parse_good(once.text);
  EXPECT_EQ(again.text, once.text);
  EXPECT_EQ(again.config.cache.file, "/a \"quoted\\ \x1b\x7f path ä");
  EXPECT_EQ(again.config.upstreams[0].pins, once.config.upstreams[0].pins);
  EXPECT_EQ(again.config.upstreams[1].post_quantum, PostQuantum::off);
  EXPECT_EQ(again.config.routes[0].upstreams, once.config.routes[0].upstreams);
  EXPECT_EQ(again.config.query.timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(again.config.query.select, Select::ordered);
  EXPECT_EQ(again.config.access.allow, once.config.access.allow);
}

TEST(EffectiveText, HasTheOverrides) {
  Overrides overrides;
  overrides.listen = {"127.0.0.1:5353"};
  overrides.upstreams = {{"192.0.2.9#a.b", {}}};
  const Parsed parsed = parse_good(kGood, overrides);
  EXPECT_THAT(parsed.text, HasSubstr("\"127.0.0.1:5353\""));
  EXPECT_THAT(parsed.text, HasSubstr("\"192.0.2.9:853\""));
  EXPECT_EQ(parse_good(parsed.text).text, parsed.text);
}

TEST(Prescan, StopsWhatTheLibraryWouldRecurseInto) {
  std::string dots = "a";
  for (std::size_t i = 0; i < kMaxDots + 1; ++i) dots += ".a";
  EXPECT_THAT(errors("\n[" + dots + "]"), HasSubstr("f:2: more dots"));
  EXPECT_THAT(errors("x = \"" + dots + "\""), Not(HasSubstr("more dots")));
  EXPECT_THAT(errors("# " + dots), Not(HasSubstr("more dots")));
  EXPECT_THAT(errors("x = \"\\\"\" # " + dots), Not(HasSubstr("more dots")));
  EXPECT_THAT(errors("x = '\\'\n[" + dots + "]"), HasSubstr("f:2: more dots"));
  EXPECT_THAT(errors("x = " + std::string(kMaxNesting + 1, '[')), HasSubstr("nested deeper"));
  EXPECT_THAT(errors("x = " + std::string(kMaxNesting, '[') + std::string(kMaxNesting, ']')),
              HasSubstr("unknown section 'x'"));
  std::string many;
  for (int i = 0; i < 100; ++i) many += "[a" + std::to_string(i) + ".b]\nx = [[1]]\n";
  EXPECT_THAT(errors(many), Not(HasSubstr("nested deeper")));
}

TEST(Prescan, KnowsNoMultiLineStrings) {
  EXPECT_THAT(errors("x = \"\"\"\n\"\"\""), HasSubstr("f:1: a multi-line string"));
  EXPECT_THAT(errors("x = '''a'''"), HasSubstr("f:1: a multi-line string"));
  EXPECT_THAT(errors("x = \"'''\""), Not(HasSubstr("multi-line")));
  EXPECT_THAT(errors("# '''"), Not(HasSubstr("multi-line")));
}

TEST(Prescan, WantsAsciiOutsideQuotesAndComments) {
  EXPECT_THAT(errors("\nx = 5 \xef\xbb\xb7"), HasSubstr("f:2: an octet beyond ASCII"));
  EXPECT_THAT(errors("x = \"\xef\xbb\xb7\" # \xef\xbb\xb7"), Not(HasSubstr("ASCII")));
  EXPECT_EQ(errors("\xef\xbb\xbf" + std::string(kGood)), "");
}

TEST(Prescan, BoundsTheFile) {
  EXPECT_EQ(errors(std::string(kMaxFileOctets, '\n') + "\n"),
            "f: has 1048577 octets; at most 1048576 are read\n");
  EXPECT_THAT(errors(std::string(kMaxFileOctets, '\n')), HasSubstr("none is built in"));
}

// DOTKEEP_WRITE_DOCS=1 makes this test write the page instead of holding it against the table.
TEST(Reference, IsUpToDate) {
  const std::filesystem::path page = source() / "docs" / "configuration.md";
  if (std::getenv("DOTKEEP_WRITE_DOCS") != nullptr) {
    std::ofstream(page, std::ios::binary) << reference();
  }
  EXPECT_EQ(content(page), reference()) << "run this test with DOTKEEP_WRITE_DOCS=1";
}

TEST(Reference, NamesEveryBound) {
  EXPECT_THAT(reference(), HasSubstr("from 100ms to 1m"));
  EXPECT_THAT(reference(), HasSubstr("without a port it is 853"));
}

TEST(Examples, ParseWithoutAWord) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source() / "deploy" / "examples")) {
    if (entry.path().extension() != ".toml") continue;
    EXPECT_EQ(warnings(content(entry.path())), "") << entry.path();
    ++count;
  }
  EXPECT_GE(count, 5U);
}

}  // namespace
}  // namespace dotkeep::config
