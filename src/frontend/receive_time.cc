#include "frontend/receive_time.h"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace dotkeep::frontend {

Duration time_waited(msghdr& header) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec came{};
    std::memcpy(&came, CMSG_DATA(c), sizeof came);
    const Duration since =
        std::chrono::system_clock::now().time_since_epoch() -
        (std::chrono::seconds(came.tv_sec) + std::chrono::nanoseconds(came.tv_nsec));
    return std::max(since, Duration::zero());
  }
  return Duration::zero();
}

}  // namespace dotkeep::frontend
