// The network: other sockets, and other aims for those that are there.
#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "escape/attempt.h"

namespace dotkeep::escape {
namespace {

constexpr int kMptcp = 262;
constexpr unsigned kConnects =
    kConnector;  // makes sockets and connects them: Landlock sees where to

bool makes(int domain, int type, int protocol = 0) {
  return got(::socket(domain, type, protocol));
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A socket of its own where the room may have one, else the one it was given.
int a_socket(const World& world) {
  if (world.room == kConnector) {
    return ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  }
  return world.socket;
}

bool connects(const World& world, int fd) {
  const sockaddr_in to = loopback(world.port);
  return got(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to));
}

bool sends_to(const World& world, long call, int flags) {
  sockaddr_in to = loopback(world.port);
  char octet = 'x';
  iovec vector{&octet, 1};
  mmsghdr message{};
  message.msg_hdr.msg_name = &to;
  message.msg_hdr.msg_namelen = sizeof to;
  message.msg_hdr.msg_iov = &vector;
  message.msg_hdr.msg_iovlen = 1;
  const int fd = a_socket(world);
  if (call == SYS_sendto) return got(::syscall(call, fd, &octet, 1, flags, &to, sizeof to));
  if (call == SYS_sendmsg) return got(::syscall(call, fd, &message.msg_hdr, flags));
  return got(::syscall(call, fd, &message, 1, flags));
}

bool sets(const World& world, int level, int option, const void* value, socklen_t size) {
  return got(::setsockopt(a_socket(world), level, option, value, size));
}

constexpr Attempt kAttempts[] = {
    {"socket: UDP", [](const World&) { return makes(AF_INET, SOCK_DGRAM); }},
    {"socket: UDP over IPv6", [](const World&) { return makes(AF_INET6, SOCK_DGRAM); }},
    {"socket: TCP",
     [](const World&) {
       return makes(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
     },
     kConnects},
    {"socket: TCP over IPv6",
     [](const World&) {
       return makes(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
     },
     kConnects},
    {"socket: TCP, blocking",
     [](const World&) { return makes(AF_INET, SOCK_STREAM, IPPROTO_TCP); }},
    {"socket: MPTCP",
     [](const World&) {
       return makes(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, kMptcp);
     }},
    {"socket: SCTP", [](const World&) { return makes(AF_INET, SOCK_STREAM, IPPROTO_SCTP); }},
    {"socket: ICMP", [](const World&) { return makes(AF_INET, SOCK_DGRAM, IPPROTO_ICMP); }},
    {"socket: raw", [](const World&) { return makes(AF_INET, SOCK_RAW, IPPROTO_RAW); }},
    {"socket: Unix stream", [](const World&) { return makes(AF_UNIX, SOCK_STREAM); }},
    {"socket: Unix datagram", [](const World&) { return makes(AF_UNIX, SOCK_DGRAM); }},
    {"socket: netlink", [](const World&) { return makes(AF_NETLINK, SOCK_RAW); }},
    {"socket: packet", [](const World&) { return makes(AF_PACKET, SOCK_RAW); }},
    {"socket: vsock", [](const World&) { return makes(AF_VSOCK, SOCK_STREAM); }},
    {"socket: the kernel's ciphers", [](const World&) { return makes(AF_ALG, SOCK_SEQPACKET); }},
    {"socket: XDP", [](const World&) { return makes(AF_XDP, SOCK_RAW); }},
    {"socketpair",
     [](const World&) {
       std::array<int, 2> ends{};
       return got(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()));
     }},
    {"connect: to a server that is not configured",
     [](const World& w) {
       int fd = -1;
       if (w.room == kConnector) {  // wait for what comes of it: Landlock answers at once
         fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
         return connects(w, fd) || errno == EINPROGRESS;
       }
       fd = ::socket(AF_INET, SOCK_STREAM, 0);
       return connects(w, fd);
     }},
    {"connect: re-aim a socket that was given",
     [](const World& w) {
       const sockaddr none{};  // AF_UNSPEC: dissolves a connection
       const int fd = a_socket(w);
       return got(::connect(fd, &none, sizeof none)) && connects(w, fd);
     }},
    {"connect: an abstract Unix socket",
     [](const World&) {
       const sockaddr_un to{AF_UNIX, "\0dotkeep"};
       return got(::connect(::socket(AF_UNIX, SOCK_STREAM, 0),
                            reinterpret_cast<const sockaddr*>(&to), 10));
     }},
    {"bind",
     [](const World& w) {
       const sockaddr_in at = loopback(0);
       int fd = w.room == kConnector ? a_socket(w) : ::socket(AF_INET, SOCK_DGRAM, 0);
       return got(::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at));
     }},
    {"listen",
     [](const World& w) {
       return got(::listen(a_socket(w), 1)) || got(::listen(::socket(AF_INET, SOCK_STREAM, 0), 1));
     }},
    {"accept", [](const World& w) { return got(::accept(w.socket, nullptr, nullptr)); }},
    {"sendto: with an address",
     [](const World& w) { return sends_to(w, SYS_sendto, MSG_NOSIGNAL | MSG_DONTWAIT); }},
    {"sendto: MSG_FASTOPEN",
     [](const World& w) { return sends_to(w, SYS_sendto, MSG_NOSIGNAL | MSG_FASTOPEN); }},
    {"sendmsg: MSG_FASTOPEN",
     [](const World& w) { return sends_to(w, SYS_sendmsg, MSG_NOSIGNAL | MSG_FASTOPEN); }},
    {"sendmmsg: MSG_FASTOPEN",
     [](const World& w) { return sends_to(w, SYS_sendmmsg, MSG_NOSIGNAL | MSG_FASTOPEN); }},
    {"sendmsg: MSG_OOB",
     [](const World& w) { return sends_to(w, SYS_sendmsg, MSG_NOSIGNAL | MSG_OOB); }},
    {"recvfrom: look without taking",
     [](const World& w) {
       char octet = 0;
       return got(::recv(w.wall >= 0 ? w.wall : w.socket, &octet, 1, MSG_PEEK | MSG_DONTWAIT)) ||
              errno == EAGAIN;
     }},
    {"setsockopt: a filter on a socket",
     [](const World& w) {
       sock_filter pass{BPF_RET | BPF_K, 0, 0, 0xffffffff};
       sock_fprog program{1, &pass};
       return sets(w, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
     }},
    {"setsockopt: share the port",
     [](const World& w) {
       const int on = 1;
       return sets(w, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
     }},
    {"setsockopt: another interface",
     [](const World& w) { return sets(w, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3); }},
    {"setsockopt: another protocol above TCP",
     [](const World& w) { return sets(w, IPPROTO_TCP, TCP_ULP, "tls", 3); }},
    {"setsockopt: a larger buffer",
     [](const World& w) {
       const int size = 1 << 20;
       return sets(w, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
     }},
    {"shutdown: a socket that others share",
     [](const World& w) { return got(::shutdown(a_socket(w), SHUT_RD)); }},
    {"getpeername",
     [](const World& w) {
       sockaddr_storage name{};
       socklen_t size = sizeof name;
       return got(::getpeername(w.wall >= 0 ? w.wall : w.socket, reinterpret_cast<sockaddr*>(&name),
                                &size));
     }},
    {"ioctl: the machine's interfaces",
     [](const World& w) {
       ifreq request{};
       std::memcpy(request.ifr_name, "lo", 3);
       return got(::ioctl(a_socket(w), SIOCGIFFLAGS, &request));
     }},
    {"ioctl: make a socket that others share blocking",
     [](const World& w) {
       int off = 0;
       return got(::ioctl(a_socket(w), FIONBIO, &off));
     }},
    {"ioctl: a signal to a sibling",
     [](const World& w) {
       pid_t owner = w.sibling;
       return got(::ioctl(a_socket(w), SIOCSPGRP, &owner));
     }},
};

}  // namespace

std::span<const Attempt> socket_attempts() {
  return kAttempts;
}

}  // namespace dotkeep::escape
