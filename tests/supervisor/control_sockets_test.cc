// A control socket where somebody else's lies: who cannot look says so, and does not guess.
#include "supervisor/control_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "tests/sandbox/child.h"

namespace dotkeep::supervisor {
namespace {

using test::exited;
using test::in_child;
using testing::HasSubstr;

// A socket that nobody listens at, in a folder that everybody may look into.
class Stale : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    ASSERT_EQ(::chmod(folder_.c_str(), 0755), 0);
    path_ = folder_ + "/control";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::chmod(path_.c_str(), 0660), 0);
  }
  void TearDown() override {
    ::unlink(path_.c_str());
    ::rmdir(folder_.c_str());
  }

  std::string folder_ = "/tmp/dotkeep-control-XXXXXX";
  std::string path_;
};

TEST_F(Stale, IsReplacedByItsOwner) {
  const auto bound = bind_control_socket(path_, std::nullopt);
  EXPECT_TRUE(bound) << bound.error();
  // And one that is in use is not.
  const auto again = bind_control_socket(path_, std::nullopt);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error(), HasSubstr("another dotkeep listens there"));
}

TEST_F(Stale, OfAnotherAccountIsNotTakenForOneInUse) {
  ASSERT_EQ(::geteuid(), 0U) << "needs root, to become nobody";
  EXPECT_EQ(in_child([this] {
              if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 1;
              const auto bound = bind_control_socket(path_, std::nullopt);
              return !bound && bound.error().ends_with("cannot be told: Permission denied") ? 0 : 2;
            }),
            exited(0));
}

}  // namespace
}  // namespace dotkeep::supervisor
