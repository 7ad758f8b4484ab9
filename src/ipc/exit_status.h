// How a worker tells the supervisor, which hears nothing else of it, why it ends.
#pragma once

#include <cstdint>
#include <optional>

namespace dotkeep::ipc {

inline constexpr int kNotContained = 77;  // a layer of containment is missing

// Whoever is at the other end of wall number `wall` (ipc/descriptors.h; a frontend
// has wall 0 to the upstream room and 1 to the control room, the connector wall 0 only) broke the
// contract: both ends are to be started anew, since one of them is not what it was.
inline constexpr int kFirstBreach = 100;
inline constexpr int kMostWalls = 65;  // the connector's and 64 frontends'
[[nodiscard]] constexpr int breach_status(std::uint32_t wall) {
  return kFirstBreach + static_cast<int>(wall);
}
// The wall that an exit status names.
[[nodiscard]] constexpr std::optional<std::uint32_t> breached_wall(int status) {
  if (status < kFirstBreach || status >= kFirstBreach + kMostWalls) return std::nullopt;
  return static_cast<std::uint32_t>(status - kFirstBreach);
}

}  // namespace dotkeep::ipc
