// What the program does about the descriptors that it was started with. Each in a child: they are
// the test program's own, too.
#include "supervisor/standard_streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "tests/sandbox/child.h"

namespace dotkeep::supervisor {
namespace {

TEST(StandardStreams, ThatAreClosedLeadNowhere) {
  EXPECT_EQ(test::in_child([] {
              ::close(0);
              ::close(2);
              if (!fill_standard_streams()) return 1;
              const int next = ::open("/dev/null", O_RDONLY);
              return next > 2 && ::write(2, "x", 1) == 1 && ::fcntl(0, F_GETFD) >= 0 ? 0 : 2;
            }),
            test::exited(0));
}

// Fills what `write_end` leads to, with nobody who reads, and says how the write that no longer
// fits ends.
int fill(int write_end) {
  if (::dup2(write_end, 2) != 2) return 1;
  unblock_standard_error();
  char octets[2048] = {};
  ::alarm(5);  // a write that waits ends the child
  for (int i = 0; i < 10'000; ++i) {
    if (::write(2, octets, sizeof octets) < 0) return errno == EAGAIN ? 0 : 2;
  }
  return 3;
}

TEST(StandardStreams, AFullPipeLosesALineAndStopsNobody) {
  EXPECT_EQ(test::in_child([] {
              int ends[2];
              if (::pipe(ends) != 0) return 9;
              const int filled = fill(ends[1]);
              // Who shares the pipe finds it as it was.
              return filled != 0 || (::fcntl(ends[1], F_GETFL) & O_NONBLOCK) == 0 ? filled : 8;
            }),
            test::exited(0));
}

TEST(StandardStreams, AStoppedTerminalToo) {
  EXPECT_EQ(test::in_child([] {
              const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
              if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0) return 9;
              const int terminal = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
              if (terminal < 0 || ::tcflow(terminal, TCOOFF) != 0) return 9;  // as Ctrl-S does
              const int filled = fill(terminal);
              return filled != 0 || (::fcntl(terminal, F_GETFL) & O_NONBLOCK) == 0 ? filled : 8;
            }),
            test::exited(0));
}

TEST(StandardStreams, AFullSocketToo) {
  EXPECT_EQ(test::in_child([] {
              int ends[2];
              if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 9;
              return fill(ends[1]);
            }),
            test::exited(0));
}

}  // namespace
}  // namespace dotkeep::supervisor
