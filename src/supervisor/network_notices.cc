#include "supervisor/network_notices.h"

#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "ipc/descriptors.h"

namespace dotkeep::supervisor {
namespace {

// Every datagram is cut off, and nobody can take the knife away again.
bool cut_short(int fd) {
  sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, ipc::kNetworkNotice)};
  const sock_fprog program{1, code};
  const int on = 1;
  return ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 &&
         ::setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on) == 0;
}

bool join(int fd) {
  sockaddr_nl groups{};
  groups.nl_family = AF_NETLINK;
  groups.nl_groups =
      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&groups), sizeof groups) == 0;
}

}  // namespace

Fd open_network_notices() {
  Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd || !cut_short(fd.get()) || !join(fd.get())) {
    log::info("changes of the network are found out by silence only: no notices of the kernel",
              {{"error", std::strerror(errno)}});
    return {};
  }
  return fd;
}

}  // namespace dotkeep::supervisor
