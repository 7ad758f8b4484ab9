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
// Frontends only: memory that all frontends share (ipc/shared_limits.h), and memory for the
// counters of this one, which a process that shows them may read.
inline constexpr int kLimitsFd = 8;
inline constexpr int kCountersFd = 9;
// Frontends only, where cache.file is set: the file (ipc/cache_file.h).
inline constexpr int kCacheFileFd = 10;
// A frontend's listening sockets follow.
inline constexpr int kFirstListenerFd = 11;

}  // namespace dotkeep::ipc
