// The policies as they are compiled in.
#include <gmock/gmock.h>

#include <map>

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
#endif

TEST(Policies, TheSupervisorsIsTheUnionOfItsChildren) {
  const Text supervisor = by_room()["supervisor"];
  EXPECT_THAT(supervisor.text, HasSubstr("[connector.run]"));
  EXPECT_THAT(supervisor.text, HasSubstr("[start.start]"));
  EXPECT_THAT(supervisor.text, Not(HasSubstr("answer mmap")));
}

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
