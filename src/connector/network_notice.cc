#include "connector/network_notice.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <cstring>
#include <optional>

namespace dotkeep::connector {
namespace {

// The kernel's struct behind the header; nothing when it is not whole.
template <typename Body>
std::optional<Body> body_of(Octets datagram) {
  if (datagram.size() < sizeof(nlmsghdr) + sizeof(Body)) return std::nullopt;
  Body body;
  std::memcpy(&body, datagram.data() + sizeof(nlmsghdr), sizeof body);
  return body;
}

bool is_ip(unsigned family) {
  return family == AF_INET || family == AF_INET6;
}

// Of loopback and of a bridge's ports nothing follows.
bool matters(const ifinfomsg& link) {
  return link.ifi_family == AF_UNSPEC && (link.ifi_flags & IFF_LOOPBACK) == 0;
}

// Link-local addresses and those of the host alone reach no server that has a route.
bool matters(const ifaddrmsg& address) {
  return is_ip(address.ifa_family) && address.ifa_scope < RT_SCOPE_LINK;
}

// Not the entries that come with every address (table "local"), not multicast, not a cached copy.
bool matters(const rtmsg& route) {
  switch (route.rtm_type) {
    case RTN_UNICAST:
    case RTN_BLACKHOLE:
    case RTN_UNREACHABLE:
    case RTN_PROHIBIT:
      return is_ip(route.rtm_family) && route.rtm_table != RT_TABLE_LOCAL &&
             (route.rtm_flags & RTM_F_CLONED) == 0;
    default:
      return false;
  }
}

template <typename Body>
bool matters_in(Octets datagram) {
  const auto body = body_of<Body>(datagram);
  return body && matters(*body);
}

}  // namespace

bool may_break_connections(Octets datagram) {
  if (datagram.size() < sizeof(nlmsghdr)) return false;
  nlmsghdr header{};
  std::memcpy(&header, datagram.data(), sizeof header);
  if (header.nlmsg_len < datagram.size()) return false;  // what is behind it would be unread
  switch (header.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return matters_in<ifinfomsg>(datagram);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return matters_in<ifaddrmsg>(datagram);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return matters_in<rtmsg>(datagram);
    default:
      return false;
  }
}

}  // namespace dotkeep::connector
