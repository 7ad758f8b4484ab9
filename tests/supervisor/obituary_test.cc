#include "supervisor/obituary.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <optional>

namespace dotkeep::supervisor {
namespace {

constexpr std::string_view kRecord =
    "5,1180,81736571,-;audit: type=1326 audit(1700000000.123:45): auid=4294967295 uid=65534 "
    "gid=65534 ses=4294967295 subj=unconfined pid=1234 comm=\"dotkeep-fronten\" "
    "exe=\"/usr/libexec/dotkeep/dotkeep-frontend\" sig=31 arch=c000003e syscall=41 compat=0 "
    "ip=0x7f0000000000 code=0x80000000\n";

TEST(SystemCallIn, ReadsTheKernelsRecord) {
  EXPECT_EQ(system_call_in(kRecord, 1234), 41);
}

TEST(SystemCallIn, IsAboutOneProcess) {
  EXPECT_EQ(system_call_in(kRecord, 123), std::nullopt);
  EXPECT_EQ(system_call_in(kRecord, 12345), std::nullopt);
  EXPECT_EQ(system_call_in(kRecord, 65534), std::nullopt);
}

TEST(SystemCallIn, TakesNoOtherRecordForOne) {
  std::string other(kRecord);
  other.replace(other.find("1326"), 4, "1327");
  EXPECT_EQ(system_call_in(other, 1234), std::nullopt);
  EXPECT_EQ(system_call_in("", 1234), std::nullopt);
  EXPECT_EQ(system_call_in("type=1326 pid=1234", 1234), std::nullopt);
  EXPECT_EQ(system_call_in("type=1326  pid=1234 syscall=", 1234), std::nullopt);
  EXPECT_EQ(system_call_in("type=1326  pid=1234 syscall=x", 1234), std::nullopt);
}

std::string cause(int code, int status) {
  siginfo_t info{};
  info.si_code = code;
  info.si_status = status;
  info.si_pid = 1;  // never killed by a filter
  return cause_of_death(info, KernelLog());
}

TEST(CauseOfDeath, SaysItInWords) {
  EXPECT_EQ(cause(CLD_EXITED, 77), "exit status 77");
  EXPECT_EQ(cause(CLD_KILLED, SIGSEGV), "signal SIGSEGV");
  EXPECT_EQ(cause(CLD_DUMPED, SIGABRT), "signal SIGABRT");
  EXPECT_EQ(cause(CLD_KILLED, 1000), "signal 1000");
  EXPECT_EQ(cause(CLD_KILLED, SIGRTMIN + 2), "signal SIGRTMIN+2");
}

TEST(CauseOfDeath, SaysWhyACallHasNoName) {
  EXPECT_EQ(cause(CLD_KILLED, SIGSYS),
            "signal SIGSYS, system call not known: the kernel's log is not readable here");
}

}  // namespace
}  // namespace dotkeep::supervisor
