#include "supervisor/network_notices.h"

#include <gtest/gtest.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>

#include "ipc/descriptors.h"

namespace dotkeep::supervisor {
namespace {

// Not even an answer to a question of its own, which nobody in there asks, comes in whole.
TEST(NetworkNotices, AreCutShortForGood) {
  const Fd fd = open_network_notices();
  ASSERT_TRUE(fd) << "every kernel that dotkeep runs on has it";
  struct {
    nlmsghdr header;
    ifinfomsg body;
  } question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = RTM_GETLINK;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  ASSERT_EQ(::send(fd.get(), &question, sizeof question, 0), static_cast<ssize_t>(sizeof question));
  pollfd wait{fd.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&wait, 1, 5000), 1);
  std::array<std::uint8_t, 65536> octets{};
  EXPECT_EQ(::recv(fd.get(), octets.data(), octets.size(), MSG_DONTWAIT | MSG_TRUNC),
            ipc::kNetworkNotice);
  const int off = 0;
  EXPECT_NE(::setsockopt(fd.get(), SOL_SOCKET, SO_DETACH_FILTER, &off, sizeof off), 0);
  EXPECT_NE(::setsockopt(fd.get(), SOL_SOCKET, SO_LOCK_FILTER, &off, sizeof off), 0);
}

}  // namespace
}  // namespace dotkeep::supervisor
