// The policies as they are compiled in.
#include <gmock/gmock.h>

#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "policy/syscall_names.h"
#include "policy/texts.h"

namespace dotkeep::policy {
namespace {

using testing::HasSubstr;
using testing::Not;

std::map<std::string_view, Text> by_room() {
  std::map<std::string_view, Text> rooms;
  for (const Text& text : texts()) rooms[text.room] = text;
  return rooms;
}

TEST(Policies, EveryRoomHasOne) {
  for (const char* room :
       {"supervisor", "frontend", "upstream", "connector", "control", "probe", "health"}) {
    ASSERT_TRUE(by_room().contains(room)) << room;
    EXPECT_GT(by_room()[room].allowed_syscalls, 0U);
  }
}

#ifndef DOTKEEP_SANITIZER_OVERLAY
TEST(Policies, AllowFewCalls) {
  auto rooms = by_room();
  EXPECT_LE(rooms["frontend"].allowed_syscalls, 16U);
  EXPECT_LE(rooms["upstream"].allowed_syscalls, 16U);
  EXPECT_LE(rooms["connector"].allowed_syscalls, 12U);
  EXPECT_LE(rooms["control"].allowed_syscalls, 12U);
}

TEST(Policies, OnlyTheConnectorConnectsAndNobodyElseMayOpenOrExecute) {
  for (const auto& [room, text] : by_room()) {
    EXPECT_THAT(text.text, Not(HasSubstr("allow bind"))) << room;
    EXPECT_THAT(text.text, Not(HasSubstr("allow listen"))) << room;
    if (room == "supervisor") continue;
    for (const char* call : {"openat", "execve", "clone", "prctl", "kill", "mmap", "mprotect"}) {
      EXPECT_THAT(text.text, Not(HasSubstr(std::string("allow ") + call))) << room;
    }
    if (room == "connector") continue;
    EXPECT_THAT(text.text, Not(HasSubstr("allow socket"))) << room;
    EXPECT_THAT(text.text, Not(HasSubstr("allow connect"))) << room;
  }
}

// A filter does not see which way FIONBIO goes, nor which descriptors others hold too.
TEST(Policies, NoWorkerMakesBlockingWhatOthersShare) {
  for (const auto& [room, text] : by_room()) {
    if (room == "supervisor") continue;
    EXPECT_THAT(text.text, Not(HasSubstr("allow ioctl"))) << room;
    EXPECT_THAT(text.text, Not(HasSubstr("allow fcntl"))) << room;
  }
}

// The allow lines of one section as they are printed, each with `mark` behind it.
std::multiset<std::string> allowed(std::string_view text, std::string_view section,
                                   const std::string& mark) {
  std::multiset<std::string> lines;
  bool inside = false;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with(':') && !line.starts_with(' ')) inside = line == std::string(section) + ":";
    if (inside && line.starts_with("  allow ")) lines.insert(line + mark);
  }
  return lines;
}

// Computed: every line of a child, from exec to its end, none that no child has, and its own. That
// the compiled filter is what the text says is Sweep's, and that each line is used test_used.py's.
TEST(Policies, TheSupervisorsIsTheUnionOfItsChildren) {
  auto rooms = by_room();
  const auto all = allowed(rooms["supervisor"].text, "run", "");
  std::multiset<std::string> of_children;
  for (const std::string child : {"frontend", "upstream", "connector", "control"}) {
    for (const std::string section : {"start", "run"}) {
      of_children.merge(allowed(rooms[child].text, section, " [" + child + "." + section + "]"));
    }
  }
  ASSERT_GT(of_children.size(), 40U);
  std::multiset<std::string> inherited;
  std::size_t common = 0;
  std::size_t own = 0;
  for (const std::string& line : all) {
    if (line.ends_with(" [start.start]")) {
      ++common;
    } else if (line.ends_with(']')) {
      inherited.insert(line);
    } else {
      ++own;
    }
  }
  EXPECT_EQ(inherited, of_children);
  EXPECT_TRUE(allowed(rooms["supervisor"].text, "start", "").empty());
  EXPECT_THAT(rooms["supervisor"].text, Not(HasSubstr("answer mmap")));
  std::cout << "supervisor: " << of_children.size() << " lines of its children, " << common
            << " that all need to start, " << own << " of its own\n";
}
#endif

TEST(SyscallNames, AreTheTargets) {
#ifdef __x86_64__
  EXPECT_EQ(syscall_name(0), "read");
  EXPECT_EQ(syscall_name(42), "connect");
#endif
  EXPECT_EQ(syscall_name(-1), "unknown");
  EXPECT_EQ(syscall_name(100000), "unknown");
}

}  // namespace
}  // namespace dotkeep::policy
