// The slice that the kernel is asked for, each time in a child.
#include "supervisor/time_slice.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "tests/sandbox/child.h"

namespace dotkeep::supervisor {
namespace {

using test::exited;
using test::in_child;

// The kernel's own header cannot stand beside <sched.h>.
struct Attributes {
  std::uint32_t size;
  std::uint32_t sched_policy;
  std::uint64_t sched_flags;
  std::int32_t sched_nice;
  std::uint32_t sched_priority;
  std::uint64_t sched_runtime;
  std::uint64_t others[2];
};

Attributes attributes() {
  Attributes found{};
  return ::syscall(SYS_sched_getattr, 0, &found, sizeof found, 0U) == 0 ? found : Attributes{};
}

TEST(TimeSlice, IsShortHereAndInWhatIsStarted) {
  EXPECT_EQ(in_child([] {
              const Attributes before = attributes();
              ask_for_short_slices();
              const Attributes after = attributes();
              // A kernel that knows no slices (before Linux 6.12) says 0 and changes nothing.
              const std::uint64_t wanted = before.sched_runtime == 0 ? 0 : 100'000;
              const bool kept = after.sched_policy == SCHED_OTHER &&
                                after.sched_nice == before.sched_nice &&
                                after.sched_flags == before.sched_flags;
              if (!kept || after.sched_runtime != wanted) return 1;
              const auto started = [wanted] {
                return attributes().sched_runtime == wanted ? 0 : 1;
              };
              return in_child(started) == exited(0) ? 0 : 2;
            }),
            exited(0));
}

TEST(TimeSlice, OfAnotherPolicyIsTheOperatorsOwn) {
  EXPECT_EQ(in_child([] {
              const sched_param none{};
              if (::sched_setscheduler(0, SCHED_BATCH, &none) != 0) return 1;
              const Attributes before = attributes();
              ask_for_short_slices();
              const Attributes after = attributes();
              const bool same =
                  after.sched_policy == SCHED_BATCH && after.sched_runtime == before.sched_runtime;
              return same ? 0 : 2;
            }),
            exited(0));
}

TEST(TimeSlice, LeavesNicenessAlone) {
  EXPECT_EQ(in_child([] {
              if (::setpriority(PRIO_PROCESS, 0, 7) != 0) return 1;
              ask_for_short_slices();
              return attributes().sched_nice == 7 ? 0 : 2;
            }),
            exited(0));
}

}  // namespace
}  // namespace dotkeep::supervisor
