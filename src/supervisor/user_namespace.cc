#include "supervisor/user_namespace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/fd.h"

namespace dotkeep::supervisor {
namespace {

bool write_map(pid_t pid, const char* which, unsigned id) {
  const Fd file(::open(fmt::format("/proc/{}/{}", pid, which).c_str(), O_WRONLY | O_CLOEXEC));
  const std::string line = fmt::format("{0} {0} 1\n", id);
  return file && ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

// Who enters has no right over its old namespace any more: the map is written by one who stayed.
[[noreturn]] void write_maps(pid_t of, int go, const Account& account) {
  char octet = 0;
  const bool told = ::read(go, &octet, 1) == 1;
  ::_exit(told && write_map(of, "uid_map", account.uid) && write_map(of, "gid_map", account.gid)
              ? 0
              : 1);
}

}  // namespace

std::expected<bool, int> enter_user_namespace(const Account& account) {
  std::array<int, 2> ends = {-1, -1};
  if (::access("/proc/self/uid_map", W_OK) != 0 || ::pipe2(ends.data(), O_CLOEXEC) != 0)
    return false;
  const Fd go(ends[0]);
  Fd tell(ends[1]);
  const pid_t self = ::getpid();
  const pid_t writer = ::fork();
  if (writer < 0) return false;
  if (writer == 0) {
    tell.reset();
    write_maps(self, go.get(), account);
  }
  const bool entered = ::unshare(CLONE_NEWUSER) == 0;
  const bool told = entered && ::write(tell.get(), "x", 1) == 1;
  tell.reset();  // untold, the writer ends
  int status = 0;
  const bool written = ::waitpid(writer, &status, 0) == writer && status == 0;
  if (!entered) return false;
  if (!told || !written) return std::unexpected(EPERM);
  return true;
}

}  // namespace dotkeep::supervisor
