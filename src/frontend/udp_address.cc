#include "frontend/udp_address.h"

#include <netinet/in.h>

#include <cstring>

namespace dotkeep::frontend {

bool read_local_address(msghdr& header, UdpPeer& peer) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      // The address that the query was sent to, but never a broadcast or multicast one: the kernel
      // says in ipi_spec_dst which of ours is the one to answer from.
      peer.local = IpAddress::from(info.ipi_spec_dst);
      return true;
    }
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      peer.local = IpAddress{6, {}};
      std::memcpy(peer.local.octets.data(), &info.ipi6_addr, 16);
      // Only a link-local address needs its link named; elsewhere the route may be another one.
      if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) peer.interface = info.ipi6_ifindex;
      return true;
    }
  }
  return false;
}

void write_local_address(const UdpPeer& peer, msghdr& header) {
  cmsghdr* c = CMSG_FIRSTHDR(&header);
  if (peer.remote.any.sa_family == AF_INET) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, peer.local.octets.data(), 4);
    c->cmsg_level = IPPROTO_IP;
    c->cmsg_type = IP_PKTINFO;
    c->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(c), &info, sizeof info);
    header.msg_controllen = CMSG_SPACE(sizeof info);
    return;
  }
  in6_pktinfo info{};
  std::memcpy(&info.ipi6_addr, peer.local.octets.data(), 16);
  info.ipi6_ifindex = peer.interface;
  c->cmsg_level = IPPROTO_IPV6;
  c->cmsg_type = IPV6_PKTINFO;
  c->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(c), &info, sizeof info);
  header.msg_controllen = CMSG_SPACE(sizeof info);
}

}  // namespace dotkeep::frontend
