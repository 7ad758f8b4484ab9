// What comes of a file's name, whatever it leads to.
#include "supervisor/operators_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "tests/sandbox/child.h"

namespace dotkeep::supervisor {
namespace {

class OperatorsFile : public ::testing::Test {
 protected:
  OperatorsFile()
      : path_(::testing::TempDir() + "/dotkeep-operators-" + std::to_string(::getpid())) {}
  ~OperatorsFile() override { ::unlink(path_.c_str()); }

  const std::string path_;
};

TEST_F(OperatorsFile, IsReadWhole) {
  std::ofstream(path_) << "12345";
  EXPECT_EQ(read_operators_file(path_, 5), "12345");
  const auto larger = read_operators_file(path_, 4);
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().why, "cannot be read, or is larger than 4 octets");
}

TEST_F(OperatorsFile, MayBeMissing) {
  const auto none = read_operators_file(path_, 5);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().error, ENOENT);
}

TEST_F(OperatorsFile, ThatIsAPipeIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(test::in_child([&] {
              ::alarm(5);  // one that waits ends the child
              const auto none = read_operators_file(path_, 5);
              return !none && none.error().why == "is not a regular file" ? 0 : 1;
            }),
            test::exited(0));
}

TEST_F(OperatorsFile, IsNoDeviceAndNoFolder) {
  for (const char* const path : {"/dev/zero", "/dev/null", "/tmp"}) {
    const auto none = read_operators_file(path, 5);
    ASSERT_FALSE(none) << path;
    EXPECT_EQ(none.error().why, "is not a regular file");
  }
}

// Who leads a session and has no terminal would get one by opening it, and SIGHUP with its end.
TEST_F(OperatorsFile, MakesNoTerminalOurs) {
  EXPECT_EQ(test::in_child([] {
              const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
              if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0) return 9;
              if (::setsid() < 0) return 8;
              if (read_operators_file(::ptsname(master), 5)) return 1;
              return ::open("/dev/tty", O_RDONLY) < 0 ? 0 : 2;
            }),
            test::exited(0));
}

}  // namespace
}  // namespace dotkeep::supervisor
