#include "supervisor/tool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

#include "supervisor/programs.h"
#include "supervisor/spawn.h"

namespace dotkeep::supervisor {

std::expected<int, std::string> run_tool(const std::string& program,
                                         std::vector<std::string> arguments,
                                         std::vector<std::pair<int, int>> fds) {
  auto folder = open_program_folder();
  if (!folder) return std::unexpected(folder.error());
  const auto opened = open_program(*folder, program);
  if (!opened) return std::unexpected(opened.error());
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return std::unexpected("cannot open /dev/null");
  Launch what;
  what.program = opened->get();
  what.arguments = std::move(arguments);
  what.arguments.insert(what.arguments.begin(), program);
  what.fds = std::move(fds);
  what.null_fd = null.get();
  what.keep_output = true;
  const auto pid = launch(what);
  if (!pid)
    return std::unexpected(fmt::format("cannot start {}: {}", program, std::strerror(pid.error())));
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0) {
    if (errno != EINTR)
      return std::unexpected(fmt::format("lost {}: {}", program, std::strerror(errno)));
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return std::unexpected(fmt::format("{} died of signal {}", program, WTERMSIG(status)));
}

std::expected<Fd, std::string> connect_socket(const config::Endpoint& endpoint, int type,
                                              Duration patience) {
  sockaddr_storage address{};
  const socklen_t size = endpoint.to_sockaddr(address);
  Fd fd(::socket(address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(fmt::format("no socket: {}", std::strerror(errno)));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0) return fd;
  int error = errno;
  if (error == EINPROGRESS) {
    pollfd wait{fd.get(), POLLOUT, 0};
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
    error = ETIMEDOUT;
    socklen_t length = sizeof error;
    if (::poll(&wait, 1, static_cast<int>(ms)) > 0)
      ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  }
  if (error != 0) return std::unexpected(std::string(std::strerror(error)));
  return fd;
}

}  // namespace dotkeep::supervisor
