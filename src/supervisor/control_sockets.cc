#include "supervisor/control_sockets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "supervisor/pass_rights.h"

namespace dotkeep::supervisor {
namespace {

constexpr int kBacklog = 16;
constexpr mode_t kFolderMode = 0755;
constexpr mode_t kSocketMode = 0660;

std::string why(const std::string& what, int error) {
  return fmt::format("{}: {}", what, std::strerror(error));
}

// Why a socket that lies there cannot be replaced; nothing, when nobody listens at it any more.
std::optional<std::string> in_use(const sockaddr_un& address) {
  // Without waiting: one that does not take its connections would hold up the start for ever.
  const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN) {
    return "another dotkeep listens there";
  }
  if (errno == ECONNREFUSED) return std::nullopt;
  return why("there is a socket already, and whether somebody listens cannot be told", errno);
}

// By a descriptor of the socket itself: its folder may belong to somebody who lays a link in its
// place.
bool hand_over(const std::string& path, const std::optional<Account>& account) {
  const Fd socket(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status{};
  if (!socket || ::fstat(socket.get(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  return !account || ::fchownat(socket.get(), "", account->uid, account->gid, AT_EMPTY_PATH) == 0;
}

std::expected<Fd, std::string> bind_metrics(const config::Endpoint& endpoint) {
  sockaddr_storage address{};
  const socklen_t size = endpoint.to_sockaddr(address);
  Fd fd(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (fd) {
    static_cast<void>(::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    if (address.ss_family == AF_INET6) {
      static_cast<void>(::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
    }
  }
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return std::unexpected(
        why("metrics.listen: cannot listen on tcp " + endpoint.to_text(), errno));
  }
  return fd;
}

}  // namespace

std::expected<Fd, std::string> bind_control_socket(const std::string& path,
                                                   const std::optional<Account>& account) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::unexpected("the path is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  const std::string folder = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
  // One level: /run/dotkeep, not a path that was mistyped.
  const mode_t before = ::umask(static_cast<mode_t>(~kFolderMode & 0777U));
  const bool has_folder = ::mkdir(folder.c_str(), 0777) == 0 || errno == EEXIST;
  ::umask(before);
  if (!has_folder) return std::unexpected(why(folder, errno));
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) return std::unexpected("there is something that is no socket");
    if (auto reason = in_use(address)) return std::unexpected(std::move(*reason));
    if (::unlink(path.c_str()) != 0) return std::unexpected(why("cannot be replaced", errno));
  }
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  ::umask(static_cast<mode_t>(~kSocketMode & 0777U));
  const bool bound =
      fd && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int error = errno;
  take_no_descriptors(fd.get());
  ::umask(before);
  if (!bound) return std::unexpected(why("cannot be bound", error));
  if (!hand_over(path, account) || ::listen(fd.get(), kBacklog) != 0) {
    return std::unexpected(why("cannot be handed to the account", errno));
  }
  return fd;
}

std::expected<ControlSockets, std::string> open_control_sockets(
    const config::Config& config, const std::optional<Account>& account) {
  ControlSockets sockets;
  if (!config.metrics.listen.empty()) {
    const auto endpoint = config::parse_endpoint(config.metrics.listen, 0);
    if (!endpoint) return std::unexpected("metrics.listen " + endpoint.error());
    auto metrics = bind_metrics(*endpoint);
    if (!metrics) return std::unexpected(metrics.error());
    sockets.metrics = std::move(*metrics);
    log::info("metrics", {{"on", endpoint->to_text()}});
  }
  if (!config.control.socket.empty()) {
    auto control = bind_control_socket(config.control.socket, account);
    if (control) {
      sockets.control = std::move(*control);
    } else {
      log::warning("no control socket: 'dotkeep status' will not work",
                   {{"path", config.control.socket}, {"reason", control.error()}});
    }
  }
  return sockets;
}

}  // namespace dotkeep::supervisor
