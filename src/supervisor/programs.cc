#include "supervisor/programs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace dotkeep::supervisor {

std::expected<Fd, std::string> open_program_folder() {
  std::array<char, PATH_MAX> self{};
  const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size() - 1);
  if (size <= 0)
    return std::unexpected(fmt::format("cannot read /proc/self/exe: {}", std::strerror(errno)));
  std::string path(self.data(), static_cast<std::size_t>(size));
  for (int up = 0; up < 2; ++up) {
    const std::size_t slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash);
  }
  path += "/libexec/dotkeep";
  Fd folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder)
    return std::unexpected(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  return folder;
}

std::expected<Fd, std::string> open_program(const Fd& folder, std::string_view name) {
  Fd program(::openat(folder.get(), std::string(name).c_str(), O_PATH | O_CLOEXEC));
  if (!program) {
    return std::unexpected(
        fmt::format("cannot open the program {}: {}", name, std::strerror(errno)));
  }
  return program;
}

}  // namespace dotkeep::supervisor
