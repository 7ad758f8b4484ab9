// The grammar: what is understood, and every mistake that must stop the build.
#include "policyc/parse.h"

#include <gmock/gmock.h>

#include <string>

namespace dotkeep::policyc {
namespace {

using testing::HasSubstr;

struct Mistake {
  const char* body;  // after "room r : why\n"
  std::size_t line;
  const char* message;
};

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, StopTheBuildAndNameTheLine) {
  const auto parsed = parse(std::string("room r : why\n") + GetParam().body);
  std::vector<Problem> problems;
  if (!parsed) {
    problems = parsed.error();
  } else {
    problems = check(*parsed);
  }
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems.front().line, GetParam().line);
  EXPECT_THAT(problems.front().message, HasSubstr(GetParam().message));
  EXPECT_THAT(problems.front().to_text("r.policy"),
              HasSubstr("r.policy:" + std::to_string(GetParam().line) + ": "));
}

INSTANTIATE_TEST_SUITE_P(
    Lines, Mistakes,
    testing::Values(
        Mistake{"run:\n allow read\n", 3, "no reason"},
        Mistake{"run:\n allow read :\n", 3, "no reason"},
        Mistake{"run:\n allow read : \n", 3, "no reason"},
        Mistake{"run:\n allow read: why\n", 3, "no reason"},
        Mistake{"run:\n allow opne : why\n", 3, "unknown system call 'opne'"},
        Mistake{"run:\n allow : why\n", 3, "unknown system call ''"},
        Mistake{"run:\n allow read or opne : why\n", 3, "unknown system call 'opne'"},
        Mistake{"run:\n allow read or read : why\n", 3, "twice in one line"},
        Mistake{"run:\n allow read write : why\n", 3, "unexpected 'write'"},
        Mistake{"run:\n allow read where : why\n", 3, "read has no argument ''"},
        Mistake{"run:\n allow read where fdd == 1 : why\n", 3, "read has no argument 'fdd'"},
        Mistake{"run:\n allow read or brk where fd == 1 : why\n", 3, "brk has no argument 'fd'"},
        Mistake{"run:\n allow read where fd != 1 : why\n", 3, "not an operator"},
        Mistake{"run:\n allow read where fd <= 1 : why\n", 3, "not an operator"},
        Mistake{"run:\n allow read where fd == : why\n", 3, "a value is missing"},
        Mistake{"run:\n allow read where fd == 1x : why\n", 3, "not a number: '1x'"},
        Mistake{"run:\n allow read where fd == -0x1 : why\n", 3, "not a number"},
        Mistake{"run:\n allow read where fd == -2147483649 : why\n", 3, "not a number"},
        Mistake{"run:\n allow read where fd == 4294967296 : why\n", 3, "more than 32 bits"},
        Mistake{"run:\n allow read where fd == STDERR : why\n", 3, "unknown symbol 'STDERR'"},
        Mistake{"run:\n allow socket where type == SOCK_STREAM| : why\n", 3, "value is missing"},
        Mistake{"run:\n allow read where buffer == 1 : why\n", 3, "a pointer can only"},
        Mistake{"run:\n allow read where fd in 1 : why\n", 3, "'in' wants"},
        Mistake{"run:\n allow read where fd in {1, 1} : why\n", 3, "twice in one set"},
        Mistake{"run:\n allow read where fd in {1, 2 : why\n", 3, "ends with '}'"},
        Mistake{"run:\n allow read where fd & 1 : why\n", 3, "wants == VALUE"},
        Mistake{"run:\n allow read where fd & 1 == 2 : why\n", 3, "never true"},
        Mistake{"run:\n allow read where fd & 0 == 0 : why\n", 3, "never true or always"},
        Mistake{"run:\n allow read where fd == 1 and fd == 2 : why\n", 3, "look once at 'fd'"},
        Mistake{"run:\n answer mmap : why\n", 3, "wants the name of one error"},
        Mistake{"run:\n answer mmap ENOWHERE : why\n", 3, "wants the name of one error"},
        Mistake{"run:\n answer mmap ENOMEM where fd == 1 : why\n", 3, "one error"},
        Mistake{"start:\n answer mmap ENOMEM : why\n", 3, "no line of this section"},
        Mistake{"bounds:\n allow read : why\n", 3, "no line of this section"},
        Mistake{"bounds:\n limit NPROCS 0 : why\n", 3, "unknown resource 'NPROCS'"},
        Mistake{"bounds:\n limit NPROC : why\n", 3, "wants one number"},
        Mistake{"bounds:\n limit NPROC 0 1 : why\n", 3, "wants one number"},
        Mistake{"bounds:\n landlock everything : why\n", 3, "wants one of files"},
        Mistake{"bounds:\n layer everything : why\n", 3, "'layer' wants one of"},
        Mistake{"bounds:\n layer namespaces empty_root : why\n", 3, "'layer' wants one of"},
        Mistake{"run:\n layer namespaces : why\n", 3, "no line of this section"},
        Mistake{"run:\n limit NPROC 0 : why\n", 3, "no line of this section"},
        Mistake{"allow read : why\n", 2, "before any of"},
        Mistake{"room s : why\n", 2, "a file has one room"},
        Mistake{"run:\n inherit a : why\n", 3, "'inherit' comes once"},
        Mistake{"inherit : why\n", 2, "wants names of rooms"},
        Mistake{"inherit a a : why\n", 2, "different names"},
        Mistake{"run:\n\tallow read : why\n", 3, "printable ASCII"},
        Mistake{"run:\n allow r\xc3\xa9"
                "ad : why\n",
                3, "printable ASCII"}));

INSTANTIATE_TEST_SUITE_P(
    WholeDocument, Mistakes,
    testing::Values(
        Mistake{"run:\n allow read : a\n allow read : b\n", 4, "line 3 already allows"},
        Mistake{"run:\n allow read where fd == 1 : a\n allow read : b\n", 3, "line 4 already"},
        Mistake{"run:\n allow read where fd in {1, 2} : a\n allow read where fd == 2 : b\n", 4,
                "line 3 already allows"},
        Mistake{"run:\n allow read : a\n answer read EPERM : b\n", 4, "is allowed on line 3"},
        Mistake{"run:\n answer mmap ENOMEM : a\n answer mmap EPERM : b\n", 4, "already answered"},
        Mistake{"bounds:\n limit NPROC 0 : a\n limit NPROC 1 : b\n", 4, "already on line 3"},
        Mistake{"bounds:\n landlock files : a\n landlock files : b\n", 4, "already on line 3"},
        Mistake{"bounds:\n layer empty_root : a\n layer empty_root : b\n", 4, "already on line 3"},
        Mistake{
            "run:\n allow mmap where prot in {0, 1, 2, 3, 4, 5, 6, 7, 8} and flags in {0, 1, 2, "
            "3, 4, 5, 6, 7, 8} : a\n",
            3, "more than 64"}));

TEST(Parse, WantsARoomFirst) {
  EXPECT_FALSE(parse(""));
  EXPECT_FALSE(parse("# nothing\n"));
  EXPECT_FALSE(parse("run:\n allow read : why\n"));
}

TEST(Parse, TellsEveryMistakeAtOnce) {
  const auto parsed = parse("room r : why\nrun:\n allow opne : a\n allow read\n");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().size(), 2U);
}

TEST(Parse, IsBounded) {
  EXPECT_FALSE(parse(std::string(kMaxText + 1, '#')));
  EXPECT_FALSE(parse("room r : why\n" + std::string(kMaxLines + 1, '\n')));
  EXPECT_FALSE(parse("room r : " + std::string(kMaxLine, 'x')));
  std::string set = "room r : why\nrun:\n allow read where fd in {0";
  for (std::size_t i = 1; i <= kMaxSet; ++i) set += "," + std::to_string(i);
  EXPECT_FALSE(parse(set + "} : why\n"));
}

TEST(Parse, UnderstandsEveryKindOfLine) {
  const auto parsed = parse(
      "# a comment\n"
      "room frontend : answers\n"
      "inherit a b : because\n"
      "start:\n"
      "  allow arch_prctl where-present where code == ARCH_SET_FS : thread-local storage\n"
      "bounds:\n"
      "  limit NPROC 0 : no process\n"
      "  landlock files : no file\n"
      "  layer empty_network : no interface\n"
      "run:\n"
      "  allow epoll_wait or epoll_pwait : waits : and waits\n"
      "  allow socket where domain in {AF_INET,AF_INET6} and type & 15 == SOCK_STREAM : TCP\n"
      "  allow openat where dirfd == AT_FDCWD and flags within O_CLOEXEC : reads\n"
      "  answer mmap ENOMEM : no memory\n"
      "  answer brk 0 : no memory\n");
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(check(*parsed).empty());
  EXPECT_EQ(parsed->name, "frontend");
  EXPECT_THAT(parsed->inherits, testing::ElementsAre("a", "b"));
  ASSERT_EQ(parsed->allows.size(), 4U);
  EXPECT_TRUE(parsed->allows[0].where_present);
  EXPECT_EQ(parsed->allows[0].section, Section::start);
  EXPECT_EQ(parsed->allows[1].reason, "waits : and waits");
  EXPECT_THAT(parsed->allows[1].names, testing::ElementsAre("epoll_wait", "epoll_pwait"));
  EXPECT_EQ(parsed->allows[2].line, 12U);
  EXPECT_EQ(parsed->answers.size(), 2U);
  EXPECT_EQ(parsed->limits.size(), 1U);
  ASSERT_EQ(parsed->layers.size(), 1U);
  EXPECT_EQ(parsed->layers[0].what, "empty_network");
  EXPECT_THAT(to_text(*parsed), HasSubstr("  layer empty_network : no interface\n"));
}

TEST(Parse, PrintsWhatItReadsAgain) {
  const auto parsed = parse(
      "room r : why\nrun:\n  answer mmap ENOMEM : m\n"
      " allow   socket where domain in { AF_INET , AF_INET6 } and type & 0xf == SOCK_STREAM : t\n"
      "start:\n allow write where size == 8 : s\nbounds:\n landlock scopes : l\n limit CORE 0 : "
      "c\n");
  ASSERT_TRUE(parsed);
  const std::string text = to_text(*parsed);
  const auto again = parse(text);
  ASSERT_TRUE(again) << text;
  EXPECT_EQ(to_text(*again), text);
  EXPECT_THAT(text, HasSubstr("\nrun:\n  allow socket where domain in {AF_INET, AF_INET6} and "
                              "type & 0xf == SOCK_STREAM : t\n  answer mmap ENOMEM : m\n"));
}

TEST(Parse, TheSameRightMayBeNeededBeforeAndAfterTheSeal) {
  EXPECT_TRUE(
      check(*parse("room r : why\nstart:\n allow read : a\nrun:\n allow read : b\n")).empty());
}

TEST(Parse, AnOverlayCanOnlyAllow) {
  EXPECT_TRUE(check(*parse("overlay o : why\nrun:\n allow read : r\n")).empty());
  EXPECT_FALSE(check(*parse("overlay o : why\nrun:\n answer read EPERM : r\n")).empty());
}

}  // namespace
}  // namespace dotkeep::policyc
