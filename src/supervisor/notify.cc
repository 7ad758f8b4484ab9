#include "supervisor/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>

namespace dotkeep::supervisor {
namespace {

constexpr std::int64_t kLeastWatchdogUsec = 20'000;
constexpr std::int64_t kMostWatchdogUsec = 3'600'000'000;  // an hour

}  // namespace

Notifier Notifier::from_environment() {
  Notifier notifier;
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t size = path == nullptr ? 0 : std::strlen(path);
  if (size < 2 || size >= sizeof address.sun_path) return notifier;
  std::memcpy(address.sun_path, path, size);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract name
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0)
    return notifier;
  notifier.fd_ = std::move(fd);

  if (const char* usec = std::getenv("WATCHDOG_USEC")) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(usec, usec + std::strlen(usec), value);
    const char* for_pid = std::getenv("WATCHDOG_PID");
    const bool ours = for_pid == nullptr || std::to_string(::getpid()) == for_pid;
    if (error == std::errc{} && *end == '\0' && value > 0 && ours) {
      // Often enough for any manager, seldom enough to cost nothing, and no overflow on the way.
      value = std::clamp(value, kLeastWatchdogUsec, kMostWatchdogUsec);
      notifier.interval_ = std::chrono::microseconds(value / 2);
    }
  }
  return notifier;
}

void Notifier::tell(std::string_view state) const {
  if (!fd_) return;
  iovec vector{const_cast<char*>(state.data()), state.size()};  // sendmsg only reads it
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  static_cast<void>(
      ::sendmsg(fd_.get(), &header, MSG_NOSIGNAL));  // a manager that is gone needs no news
}

}  // namespace dotkeep::supervisor
