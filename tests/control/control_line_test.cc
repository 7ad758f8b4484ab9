#include "control/control_line.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace dotkeep::control {
namespace {

using Scope = ipc::Flush::Scope;

std::string said(const Command& command) {
  std::array<char, kMaxLine> out{};
  return {out.data(), control_line(command, out)};
}

TEST(ControlLine, EachCommandHasOneForm) {
  const std::pair<std::string, Command> all[] = {
      {"status", {}},
      {"status json", {.json = true}},
      {"status addresses", {.addresses = true}},
      {"status json addresses", {.json = true, .addresses = true}},
      {"flush", {.kind = Command::Kind::flush}},
      {"flush www.example.",
       {.kind = Command::Kind::flush, .scope = Scope::name, .name = "www.example."}},
      {"flush-suffix example",
       {.kind = Command::Kind::flush, .scope = Scope::suffix, .name = "example"}},
  };
  for (const auto& [line, command] : all) {
    EXPECT_EQ(parse_control_line(line), command) << line;
    EXPECT_EQ(said(command), line);
  }
}

TEST(ControlLine, RefusesAnythingElse) {
  for (const std::string line : {"",
                                 " ",
                                 "stop",
                                 "Status",
                                 "status ",
                                 " status",
                                 "status  json",
                                 "status addresses json",
                                 "status json json",
                                 "status xml",
                                 "flush ",
                                 "flush  a",
                                 "flush a b",
                                 "flush-suffix",
                                 "flush-suffix ",
                                 "flush a\t",
                                 "flush \x7f",
                                 "flush \xc3\xa4",
                                 "flush-all",
                                 "flush\r"}) {
    EXPECT_FALSE(parse_control_line(line)) << line;
  }
  EXPECT_FALSE(parse_control_line(std::string("flush a\0b", 9)));
}

TEST(ControlLine, ANameHasABound) {
  EXPECT_TRUE(parse_control_line("flush " + std::string(ipc::kMaxFlushName, 'a')));
  EXPECT_FALSE(parse_control_line("flush " + std::string(ipc::kMaxFlushName + 1, 'a')));
  EXPECT_LE(said({.kind = Command::Kind::flush, .scope = Scope::suffix, .name = std::string_view()})
                    .size() +
                1 + ipc::kMaxFlushName,
            kMaxLine);
}

}  // namespace
}  // namespace dotkeep::control
