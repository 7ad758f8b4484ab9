#include "supervisor/operators_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "base/memfd.h"

namespace dotkeep::supervisor {

std::expected<std::string, FileError> read_operators_file(const std::string& path,
                                                          std::size_t limit) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return std::unexpected(FileError{errno, std::strerror(errno)});
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::unexpected(FileError{0, "is not a regular file"});
  }
  auto content = read_whole(file.get(), limit);
  if (!content) {
    return std::unexpected(
        FileError{0, fmt::format("cannot be read, or is larger than {} octets", limit)});
  }
  return std::move(*content);
}

}  // namespace dotkeep::supervisor
