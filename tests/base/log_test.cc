#include "base/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "base/fd.h"

namespace dotkeep::log {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

std::string line(Format format, std::string_view event, const std::vector<Field>& fields,
                 std::size_t room = kMaxLine) {
  std::vector<char> out(room);
  return {out.data(), render(out, "frontend[0]", Level::info, format, event, fields)};
}
std::string text(const std::vector<Field>& fields) {
  return line(Format::text, "x", fields);
}
std::string json(const std::vector<Field>& fields) {
  return line(Format::json, "x", fields);
}

TEST(LogText, SaysWhoWhatAndWith) {
  EXPECT_EQ(line(Format::text, "upstream is down", {{"id", "quad9"}, {"errors", 3}}),
            "info frontend[0]: upstream is down id=quad9 errors=3\n");
}

TEST(LogText, QuotesWhatIsNotOneWord) {
  EXPECT_EQ(text({{"k", "two words"}}), "info frontend[0]: x k=\"two words\"\n");
  EXPECT_EQ(text({{"k", ""}}), "info frontend[0]: x k=\"\"\n");
  EXPECT_EQ(text({{"k", "a=b"}}), "info frontend[0]: x k=\"a=b\"\n");
}

TEST(LogText, StrangersOctetsCannotForgeALine) {
  EXPECT_EQ(text({{"k", "a\nerror frontend[0]: \x1b[2J\"\\\x7f\xc2\x9b"}}),
            "info frontend[0]: x k=\"a\\x0aerror frontend[0]: \\x1b[2J\\\"\\\\\\x7f\\xc2\\x9b\"\n");
  EXPECT_EQ(text({{"k", std::string_view("\0", 1)}}), "info frontend[0]: x k=\"\\x00\"\n");
}

TEST(LogJson, IsOneObject) {
  EXPECT_EQ(line(Format::json, "upstream is down", {{"id", "quad9"}, {"errors", -3}}),
            "{\"level\":\"info\",\"process\":\"frontend[0]\",\"event\":\"upstream is down\","
            "\"id\":\"quad9\",\"errors\":-3}\n");
}

TEST(LogJson, EscapesAllButPrintableAscii) {
  EXPECT_THAT(json({{"k", "\"\\\n\x7f"}}), EndsWith("\"k\":\"\\\"\\\\\\u000a\\u007f\"}\n"));
  EXPECT_THAT(json({{"k", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x92"}}),
              EndsWith("\"k\":\"\\u00e9\\u20ac\\ud83d\\udd12\"}\n"));
}

TEST(LogJson, OctetsThatAreNotUtf8StandAlone) {
  // Lone continuation, overlong, surrogate, beyond U+10FFFF, cut short.
  EXPECT_THAT(json({{"k", "\x80"}}), EndsWith(":\"\\u0080\"}\n"));
  EXPECT_THAT(json({{"k", "\xc0\xaf"}}), EndsWith(":\"\\u00c0\\u00af\"}\n"));
  EXPECT_THAT(json({{"k", "\xe0\x80\xaf"}}), EndsWith(":\"\\u00e0\\u0080\\u00af\"}\n"));
  EXPECT_THAT(json({{"k", "\xed\xa0\x80"}}), EndsWith(":\"\\u00ed\\u00a0\\u0080\"}\n"));
  EXPECT_THAT(json({{"k", "\xf4\x90\x80\x80"}}), EndsWith(":\"\\u00f4\\u0090\\u0080\\u0080\"}\n"));
  EXPECT_THAT(json({{"k", "\xe2\x82"}}), EndsWith(":\"\\u00e2\\u0082\"}\n"));
}

TEST(LogBounds, KeepsTheFirstOctetsOfAValue) {
  const std::string longer(kMaxValue + 1, 'a');
  EXPECT_EQ(text({{"k", longer}}), "info frontend[0]: x k=" + std::string(kMaxValue, 'a') + "\n");
}

TEST(LogBounds, LeavesOutFieldsThatDoNotFitAndSaysSo) {
  const std::string hostile(kMaxValue, '\n');
  const std::vector<Field> fields{{"a", hostile}, {"b", hostile}, {"c", hostile}};
  const std::string as_text = text(fields);
  EXPECT_LE(as_text.size(), kMaxLine);
  EXPECT_THAT(as_text, EndsWith("\\x0a\" cut=1\n"));
  EXPECT_THAT(as_text, Not(HasSubstr(" b=")));
  const std::string as_json = json(fields);
  EXPECT_LE(as_json.size(), kMaxLine);
  EXPECT_THAT(as_json, EndsWith("\\u000a\",\"cut\":1}\n"));
}

TEST(LogBounds, TheLongestHeadFits) {
  const std::string hostile(4096, '\xff');
  std::vector<char> out(2 * kMaxLine);
  const std::size_t length = render(out, hostile, Level::warning, Format::json, hostile, {});
  EXPECT_GT(length, 0U);
  // The time before it takes 33 octets.
  EXPECT_LE(length, kMaxLine - 33);
}

TEST(LogBounds, EverySmallerBufferIsEitherWholeOrNothing) {
  const std::string whole = line(Format::json, "event", {{"k", "value"}});
  for (std::size_t room = 0; room < whole.size() + 16; ++room) {
    const std::string got = line(Format::json, "event", {{"k", "value"}}, room);
    EXPECT_LE(got.size(), room);
    if (!got.empty()) {
      EXPECT_THAT(got, EndsWith("}\n"));
    }
  }
}

// Runs with standard error replaced by a pipe.
class LogWrite : public ::testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    out_ = Fd(ends[0]);
    in_ = Fd(ends[1]);
  }
  void TearDown() override { set_up("dotkeep", Level::info, Format::text); }

  template <typename Action>
  std::string captured(Action action) {
    const Fd saved(dup(STDERR_FILENO));
    dup2(in_.get(), STDERR_FILENO);
    action();
    dup2(saved.get(), STDERR_FILENO);
    std::array<char, 2 * kMaxLine> got{};
    const ssize_t count = read(out_.get(), got.data(), got.size());
    return {got.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

  Fd out_;
  Fd in_;
};

constexpr const char* kTime =
    "20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]"
    "\\.[0-9][0-9][0-9]Z";

TEST_F(LogWrite, PutsTheTimeFirst) {
  set_up("upstream", Level::info, Format::text);
  EXPECT_THAT(captured([] { warning("went away", {{"n", 1}}); }),
              MatchesRegex(std::string(kTime) + " warning upstream: went away n=1\n"));
  set_up("upstream", Level::info, Format::json);
  EXPECT_THAT(captured([] { warning("went away", {{"n", 1}}); }),
              MatchesRegex("\\{\"time\":\"" + std::string(kTime) +
                           "\",\"level\":\"warning\",\"process\":\"upstream\","
                           "\"event\":\"went away\",\"n\":1\\}\n"));
}

TEST_F(LogWrite, IsSilentBelowItsLevel) {
  set_up("upstream", Level::warning, Format::text);
  EXPECT_FALSE(enabled(Level::info));
  EXPECT_TRUE(enabled(Level::warning));
  EXPECT_TRUE(enabled(Level::error));
  EXPECT_EQ(captured([] { info("hidden"); }), "");
}

TEST_F(LogWrite, AFullPipeLosesTheLineAndKeepsErrno) {
  const std::vector<char> filler(1U << 20);
  while (::write(in_.get(), filler.data(), filler.size()) > 0) {
  }
  errno = ENOENT;
  captured([] {
    error("lost");
    EXPECT_EQ(errno, ENOENT);
  });
}

}  // namespace
}  // namespace dotkeep::log
