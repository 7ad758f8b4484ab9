// Where the short-lived programs find what they were given.
#pragma once

namespace dotkeep::probe {

inline constexpr int kTrustFd = 3;   // sealed memfd, CA certificates as PEM
inline constexpr int kSocketFd = 4;  // TCP, connected to the server, non-blocking
inline constexpr int kAgainFd = 5;   // another one, to resume on; may be missing

}  // namespace dotkeep::probe

namespace dotkeep::health {

inline constexpr int kSocketFd = 3;  // UDP, connected to the dotkeep that is asked, non-blocking

}  // namespace dotkeep::health
