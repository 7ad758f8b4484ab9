// At which number a worker finds each descriptor it was given. Standard error is 2; 0 and 1 are
// /dev/null.
#pragma once

namespace dotkeep::ipc {

inline constexpr int kConfigFd = 3;  // sealed memfd, the effective configuration as TOML
inline constexpr int kOrdersFd = 4;  // the supervisor's orders, one way
inline constexpr int kTrustFd =
    5;  // upstream only: sealed memfd, the CA bundle as PEM (may be empty)
// A pipe's writing end. Closing it tells the supervisor that the worker is sealed and serves; no
// octet is ever written.
inline constexpr int kUnsealedFd = 6;
// Walls. A frontend has one, to the upstream; the connector one, to the upstream; the upstream has
// the connector's first, then one for each frontend.
inline constexpr int kFirstWallFd = 7;
// The connector only, where its arguments say so: a netlink socket with notices of changes to
// addresses, routes and links, from which no more than kNetworkNotice octets of each can be read.
inline constexpr int kNetworkFd = 8;
inline constexpr int kNetworkNotice = 32;
// Frontends only: memory that all frontends share (ipc/shared_limits.h), and memory for the
// counters of this one, which a process that shows them may read.
inline constexpr int kLimitsFd = 8;
inline constexpr int kCountersFd = 9;
// Frontends only, where cache.file is set: the file (ipc/cache_file.h).
inline constexpr int kCacheFileFd = 10;
// Frontends only: the wall to the control room.
inline constexpr int kControlWallFd = 11;
// A frontend's listening sockets follow.
inline constexpr int kFirstListenerFd = 12;

// The upstream room only, behind its walls: memory for what it knows of servers
// (ipc/upstream_page.h).
inline constexpr int kServersFd = kFirstWallFd + 1 + 64;

// The control room only: its listening sockets (either may be missing: its arguments say so), the
// pages that it reads, then one wall to each frontend and one page of counters of each.
inline constexpr int kControlSocketFd = 7;
inline constexpr int kMetricsSocketFd = 8;
inline constexpr int kProcessPageFd = 9;
inline constexpr int kUpstreamPageFd = 10;
inline constexpr int kFirstControlWallFd = 11;

}  // namespace dotkeep::ipc
