#include "supervisor/control_socket_of.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace dotkeep::supervisor {

std::expected<std::string, std::string> control_socket_of(pid_t pid) {
  namespace fs = std::filesystem;
  const std::string process = fmt::format("/proc/{}", pid);
  std::set<std::string> inodes;  // "12345"
  std::error_code error;
  for (fs::directory_iterator entry(process + "/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    const std::string target = fs::read_symlink(entry->path(), gone).string();
    constexpr std::string_view kSocket = "socket:[";
    if (target.starts_with(kSocket))
      inodes.insert(target.substr(kSocket.size(), target.size() - kSocket.size() - 1));
  }
  if (error) return std::unexpected(error.message());
  // Num RefCount Protocol Flags Type St Inode Path
  std::ifstream sockets(process + "/net/unix");
  for (std::string line; std::getline(sockets, line);) {
    std::istringstream fields(line);
    std::string skipped, inode, path;
    for (int i = 0; i < 6; ++i) fields >> skipped;
    if (fields >> inode >> path && path.starts_with('/') && inodes.contains(inode)) return path;
  }
  return std::unexpected("it has no control socket");
}

}  // namespace dotkeep::supervisor
