// What a service manager gets to hear, over a socket with a path and one with an abstract name.
#include "supervisor/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "base/fd.h"

namespace dotkeep::supervisor {
namespace {

class Notify : public ::testing::Test {
 protected:
  void SetUp() override { forget(); }
  void TearDown() override {
    forget();
    if (!path_.empty() && path_[0] == '/') ::unlink(path_.c_str());
  }
  static void forget() {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }

  // Opens the manager's socket; '@' begins an abstract name.
  void listen_on(const std::string& path) {
    path_ = path;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    ASSERT_LT(path.size(), sizeof address.sun_path);
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    manager_ = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    ASSERT_EQ(::bind(manager_.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  // The next datagram; "" when there is none.
  std::string heard() {
    char text[256];
    const ssize_t size = ::recv(manager_.get(), text, sizeof text, 0);
    return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
  }
  static std::string own(const char* prefix) { return prefix + std::to_string(::getpid()); }
  static std::string temporary() { return ::testing::TempDir() + own("/dotkeep-notify-"); }

  std::string path_;
  Fd manager_;
};

TEST_F(Notify, TellsASocketWithAPath) {
  listen_on(temporary());
  const Notifier notifier = Notifier::from_environment();
  EXPECT_EQ(heard(), "");
  notifier.tell("READY=1");
  notifier.tell("STOPPING=1");
  EXPECT_EQ(heard(), "READY=1");
  EXPECT_EQ(heard(), "STOPPING=1");
}

TEST_F(Notify, TellsAnAbstractSocket) {
  listen_on(own("@dotkeep-notify-"));
  const Notifier notifier = Notifier::from_environment();
  notifier.tell("READY=1");
  EXPECT_EQ(heard(), "READY=1");
}

TEST_F(Notify, WithoutAManagerDoesNothing) {
  EXPECT_EQ(Notifier::from_environment().fd(), -1);
  for (const std::string& path : {std::string(), std::string("@"), std::string("/nowhere/at/all"),
                                  "/" + std::string(200, 'x')}) {
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    const Notifier notifier = Notifier::from_environment();
    EXPECT_EQ(notifier.fd(), -1) << path;
    notifier.tell("READY=1");
  }
}

TEST_F(Notify, AManagerThatIsGoneNeedsNoNews) {
  listen_on(temporary());
  const Notifier notifier = Notifier::from_environment();
  manager_.reset();
  notifier.tell("READY=1");  // neither a signal nor an error
}

TEST_F(Notify, TheWatchdogIsDueTwiceInItsTime) {
  listen_on(own("@dotkeep-watchdog-"));
  EXPECT_EQ(Notifier::from_environment().watchdog_interval(), std::nullopt);
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(Notifier::from_environment().watchdog_interval(), std::chrono::seconds(15));
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(Notifier::from_environment().watchdog_interval(), std::chrono::seconds(15));
}

TEST_F(Notify, AWatchdogOfNoUsefulTimeIsDueInABearableOne) {
  listen_on(own("@dotkeep-watchdog-"));
  ::setenv("WATCHDOG_USEC", "1", 1);
  EXPECT_EQ(Notifier::from_environment().watchdog_interval(), std::chrono::milliseconds(10));
  ::setenv("WATCHDOG_USEC", "9223372036854775807", 1);
  EXPECT_EQ(Notifier::from_environment().watchdog_interval(), std::chrono::minutes(30));
}

TEST_F(Notify, AWatchdogOfAnotherProcessOrOfNoNumberIsNotOurs) {
  listen_on(own("@dotkeep-watchdog-"));
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(Notifier::from_environment().watchdog_interval(), std::nullopt);
  ::unsetenv("WATCHDOG_PID");
  for (const char* usec : {"", "0", "-1", "30s", "x"}) {
    ::setenv("WATCHDOG_USEC", usec, 1);
    EXPECT_EQ(Notifier::from_environment().watchdog_interval(), std::nullopt) << usec;
  }
}

}  // namespace
}  // namespace dotkeep::supervisor
