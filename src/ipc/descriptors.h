// At which number a worker finds each descriptor it was given. Standard error is 2; 0 and 1 are /dev/null.
#pragma once

namespace dotkeep::ipc {

inline constexpr int kConfigFd = 3;   // sealed memfd, the effective configuration as TOML
inline constexpr int kOrdersFd = 4;   // the supervisor's orders, one way
inline constexpr int kTrustFd = 5;    // upstream only: sealed memfd, the CA bundle as PEM (may be empty)
// Walls. A frontend has one, to the upstream; the connector one, to the upstream; the upstream has the
// connector's first, then one for each frontend.
inline constexpr int kFirstWallFd = 6;
// A frontend's listening sockets follow its wall: for each [[listen]] in order UDP, then TCP, as it asks for.
inline constexpr int kFirstListenerFd = 7;

}  // namespace dotkeep::ipc
