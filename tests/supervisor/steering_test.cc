// What the kernel does with the program, and that it is what we say it does.
#include "supervisor/steering.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "tests/base/hex.h"

namespace dotkeep::supervisor {
namespace {

// `count` sockets on one port of loopback, steered, and one that sends to them.
class Group {
 public:
  explicit Group(std::uint32_t count) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (std::uint32_t i = 0; i < count; ++i) {
      Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
      const int yes = 1;
      EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes), 0);
      EXPECT_EQ(::bind(fd.get(), any(), sizeof address_), 0);
      socklen_t size = sizeof address_;
      EXPECT_EQ(::getsockname(fd.get(), any(), &size), 0);  // the others get the first one's port
      sockets_.push_back(std::move(fd));
    }
    EXPECT_TRUE(steer_by_name(sockets_[0].get(), count));
    EXPECT_EQ(::connect(sender_.get(), any(), sizeof address_), 0);
  }

  // Which socket a datagram comes to.
  std::uint32_t receiver(const Bytes& octets) {
    EXPECT_EQ(::send(sender_.get(), octets.data(), octets.size(), 0),
              static_cast<ssize_t>(octets.size()));
    std::vector<pollfd> all;
    for (const Fd& fd : sockets_) all.push_back({fd.get(), POLLIN, 0});
    EXPECT_EQ(::poll(all.data(), all.size(), 5000), 1);
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      if (all[i].revents == 0) continue;
      char octet = 0;
      EXPECT_EQ(::recv(all[i].fd, &octet, 1, 0), octets.empty() ? 0 : 1);
      return i;
    }
    return UINT32_MAX;
  }

 private:
  sockaddr* any() { return reinterpret_cast<sockaddr*>(&address_); }

  sockaddr_in address_{};
  std::vector<Fd> sockets_;
  Fd sender_{::socket(AF_INET, SOCK_DGRAM, 0)};
};

// A question of type A with an OPT. The supervisor has no DNS library, and needs none here.
Bytes query(const std::string& name, std::uint16_t id = 1) {
  Bytes octets = from_hex("0000 0100 0001 0000 0000 0001");
  octets[0] = static_cast<std::uint8_t>(id >> 8);
  octets[1] = static_cast<std::uint8_t>(id);
  std::size_t dot = 0;
  for (std::size_t at = 0; at < name.size(); at = dot + 1) {
    dot = std::min(name.find('.', at), name.size());
    octets.push_back(static_cast<std::uint8_t>(dot - at));
    octets.insert(octets.end(), name.begin() + static_cast<std::ptrdiff_t>(at),
                  name.begin() + static_cast<std::ptrdiff_t>(dot));
  }
  const Bytes rest = from_hex("00 0001 0001 00 0029 04d0 00000000 0000");
  octets.insert(octets.end(), rest.begin(), rest.end());
  return octets;
}

std::uint32_t steered(const Bytes& octets, std::uint32_t sockets) {
  return steered_to(octets.data(), static_cast<std::uint32_t>(octets.size()), sockets);
}

std::string ordinary_name(int i) {
  constexpr const char* kHosts[] = {"www", "api", "mail", "cdn", "ns1", "static", "img", "auth"};
  return std::string(kHosts[i % 8]) + ".site" + std::to_string(i / 8) + ".example";
}

TEST(Steering, TheKernelDoesWhatWeSay) {
  for (const std::uint32_t sockets : {2U, 3U, 4U}) {
    Group group(sockets);
    for (int i = 0; i < 300; ++i) {
      const Bytes octets = query(ordinary_name(i));
      ASSERT_EQ(group.receiver(octets), steered(octets, sockets)) << ordinary_name(i);
    }
  }
}

TEST(Steering, ShortDatagramsGoToTheFirstSocket) {
  Group group(4);
  for (int i = 0; i < 8; ++i) {
    Bytes octets = query(ordinary_name(i));
    octets.resize(21);
    while (!octets.empty()) {
      octets.pop_back();
      ASSERT_EQ(group.receiver(octets), steered(octets, 4)) << octets.size();
      if (octets.size() < 20) {
        ASSERT_EQ(steered(octets, 4), 0U);
      }
    }
  }
}

TEST(Steering, ANameHasOneOwnerHoweverItIsSpelled) {
  Group group(4);
  for (int i = 0; i < 100; ++i) {
    std::string name = ordinary_name(i);
    const std::uint32_t owner = group.receiver(query(name));
    for (std::size_t at = 0; at < name.size(); at += 2) {
      if (name[at] >= 'a' && name[at] <= 'z') name[at] = static_cast<char>(name[at] - 32);
    }
    ASSERT_EQ(group.receiver(query(name, static_cast<std::uint16_t>(i * 7))), owner) << name;
  }
}

void expect_even(std::uint32_t sockets, const std::function<std::string(int)>& name) {
  constexpr int kNames = 2000;
  std::vector<int> counts(sockets);
  for (int i = 0; i < kNames; ++i) ++counts[steered(query(name(i)), sockets)];
  const double even = static_cast<double>(kNames) / sockets;
  for (const int count : counts) {
    EXPECT_GE(count, even * 0.85) << "of " << sockets << " sockets";
    EXPECT_LE(count, even * 1.15) << "of " << sockets << " sockets";
  }
}

TEST(Steering, NamesAreSplitEvenly) {
  for (const std::uint32_t sockets : {2U, 4U}) {
    expect_even(sockets, [](int i) { return "name" + std::to_string(i) + ".example"; });
    expect_even(sockets, [](int i) { return "n" + std::to_string(i) + ".test"; });
    expect_even(sockets, [](int i) {
      std::string label;
      for (int left = i + 26 * 26 * 26; left != 0; left /= 26) {
        label += static_cast<char>('a' + left % 26);
      }
      return label + ".com";
    });
  }
}

TEST(Steering, WhatIsNotASocketIsRefused) {
  EXPECT_FALSE(steer_by_name(-1, 2));
}

}  // namespace
}  // namespace dotkeep::supervisor
