// Sockets handed over as by systemd, each time to a child that lays them at 3 and on.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "supervisor/listeners.h"
#include "tests/sandbox/child.h"

namespace dotkeep::supervisor {
namespace {

using test::exited;
using test::in_child;

int bound(int family, int type) {
  const int fd = ::socket(family, type, 0);
  sockaddr_storage address{};
  address.ss_family = static_cast<sa_family_t>(family);
  const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 ? fd : -1;
}

int listening_tcp() {
  const int fd = bound(AF_INET, SOCK_STREAM);
  return ::listen(fd, 1) == 0 ? fd : -1;
}

// In a child: what `make` made lies at 3 and on, and the environment says so.
test::End with_inherited(const std::vector<std::function<int()>>& make,
                         const std::function<int()>& body, const std::string& count = "") {
  return in_child([&] {
    std::vector<int> made;
    for (const auto& one : make) {
      // Out of the way, so that none is overwritten by another.
      made.push_back(::fcntl(one(), F_DUPFD, 200));
      if (made.back() < 0) return 99;
    }
    for (std::size_t i = 0; i < made.size(); ++i) ::dup2(made[i], 3 + static_cast<int>(i));
    for (const int fd : made) ::close(fd);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", count.empty() ? std::to_string(made.size()).c_str() : count.c_str(), 1);
    return body();
  });
}

int refused_with(const char* words) {
  const auto listeners = inherited_listeners();
  if (listeners) return 1;
  return listeners.error().find(words) != std::string::npos ? 0 : 2;
}

TEST(InheritedListeners, AreTakenAsTheyCome) {
  EXPECT_EQ(
      with_inherited({[] { return bound(AF_INET, SOCK_DGRAM); }, listening_tcp},
                     [] {
                       const auto got = inherited_listeners();
                       if (!got) return 1;
                       if (got->size() != 2) return 2;
                       if ((*got)[0].what != "udp inherited as descriptor 3") return 3;
                       if ((*got)[1].what != "tcp inherited as descriptor 4") return 4;
                       int on = 0;
                       socklen_t size = sizeof on;
                       const int udp = (*got)[0].socket_of(0);
                       if (::getsockopt(udp, IPPROTO_IP, IP_PKTINFO, &on, &size) != 0 || on != 1) {
                         return 5;
                       }
                       // Out of the way of the workers' descriptors.
                       if (udp < 64 || ::fcntl(3, F_GETFD) != -1) return 6;
                       if (::fcntl(4, F_GETFD) != -1) return 7;
                       for (const Listener& listener : *got) {
                         const int fd = listener.socket_of(0);
                         if ((::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0) return 8;
                         if ((::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0) return 9;
                         if (listener.socket_of(5) != fd) return 10;  // all share it
                       }
                       return 0;
                     }),
      exited(0));
}

TEST(InheritedListeners, AreNoneWithoutTheEnvironmentOrForAnotherProcess) {
  const auto none = [] {
    const auto got = inherited_listeners();
    return got && got->empty() ? 0 : 1;
  };
  EXPECT_EQ(in_child(none), exited(0));
  EXPECT_EQ(with_inherited({listening_tcp},
                           [&none] {
                             ::setenv("LISTEN_PID", "1", 1);
                             return none();
                           }),
            exited(0));
  EXPECT_EQ(with_inherited({}, none), exited(0));
  EXPECT_EQ(with_inherited({listening_tcp}, none, "-1"), exited(0));
  EXPECT_EQ(with_inherited({listening_tcp}, none, "x"), exited(0));
}

TEST(InheritedListeners, OfNoUseAreRefusedByNumber) {
  const auto first = [] { return refused_with("descriptor 3 of LISTEN_FDS is not a UDP or TCP"); };
  EXPECT_EQ(with_inherited({[] { return ::dup(0); }}, first), exited(0));
  EXPECT_EQ(with_inherited({[] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }}, first), exited(0));
  EXPECT_EQ(with_inherited({[] { return ::socket(AF_UNIX, SOCK_DGRAM, 0); }}, first), exited(0));
  EXPECT_EQ(
      with_inherited({listening_tcp, [] { return bound(AF_INET, SOCK_STREAM); }},
                     [] { return refused_with("4 of LISTEN_FDS is a TCP socket that does"); }),
      exited(0));
}

TEST(InheritedListeners, MoreThanAnyConfigurationHasAreRefused) {
  const auto many = [] { return refused_with("more than 64"); };
  EXPECT_EQ(with_inherited({listening_tcp}, many, "65"), exited(0));
  EXPECT_EQ(with_inherited({listening_tcp}, many, "2147483647"), exited(0));
}

}  // namespace
}  // namespace dotkeep::supervisor
