#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "sandbox/sandbox.h"

namespace dotkeep::sandbox {
namespace {

bool close_from_to(unsigned first, unsigned last) {
  return first > last || ::syscall(SYS_close_range, first, last, 0) == 0;
}

}  // namespace

std::expected<OnlyGiven, SealError> keep_only(std::span<const int> fds) {
  std::array<unsigned, kMaxGiven> sorted{};
  if (fds.size() > sorted.size()) return std::unexpected(SealError{"descriptors", E2BIG});
  std::size_t count = 0;
  for (const int fd : fds) {
    if (fd > STDERR_FILENO) sorted[count++] = static_cast<unsigned>(fd);
  }
  const std::span<unsigned> kept(sorted.data(), count);
  std::ranges::sort(kept);
  unsigned next = STDERR_FILENO + 1;
  bool closed = true;
  for (const unsigned fd : kept) {
    closed = closed && close_from_to(next, fd - 1);
    next = fd + 1;
  }
  closed = closed && close_from_to(next, ~0U);
  if (!closed && errno != ENOSYS && errno != EPERM) {
    return std::unexpected(SealError{"descriptors", errno});
  }
  return OnlyGiven(closed);
}

}  // namespace dotkeep::sandbox
