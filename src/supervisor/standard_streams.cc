#include "supervisor/standard_streams.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "base/fd.h"

namespace dotkeep::supervisor {

bool fill_standard_streams() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (::fcntl(number, F_GETFD) >= 0) continue;
    // The lowest that is free is this one, since those below it are open.
    if (::open("/dev/null", O_RDWR) != number) return false;
  }
  return true;
}

void put_on_standard_error(std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

void unblock_standard_error() {
  struct stat status{};
  if (::fstat(STDERR_FILENO, &status) != 0) return;
  if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)) {
    const Fd own(::open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (own) ::dup2(own.get(), STDERR_FILENO);
  } else if (S_ISSOCK(status.st_mode)) {
    const int flags = ::fcntl(STDERR_FILENO, F_GETFL);
    if (flags >= 0) ::fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
  }
}

}  // namespace dotkeep::supervisor
