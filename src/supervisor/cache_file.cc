#include "supervisor/cache_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ipc/cache_file.h"

namespace dotkeep::supervisor {

std::expected<Fd, std::string> open_cache_file(const config::Config& config,
                                               std::uint32_t frontends) {
  if (config.cache.file.empty() || config.cache.size == 0) return Fd();
  const auto failed = [&](std::string_view why) {
    return std::unexpected(fmt::format("cache.file {}: {}", config.cache.file, why));
  };
  // Names that people looked up are in it: for nobody else to read. A link in a folder that others
  // may write to could lead anywhere.
  Fd file(::open(config.cache.file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
                 S_IRUSR | S_IWUSR));
  if (!file) return failed(std::strerror(errno));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return failed("is not a regular file");
  }
  // Whatever the umask says: it is to be opened again at the next start.
  if (status.st_uid == ::geteuid() && ::fchmod(file.get(), S_IRUSR | S_IWUSR) != 0) {
    return failed(std::strerror(errno));
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return failed("another dotkeep uses it");
  const auto size = static_cast<off_t>(ipc::cache_file_size(config.cache.size, frontends));
  // All its blocks are there before anybody maps it: a store to what the disk has no room for would
  // end the frontend.
  if (status.st_size != size && ::ftruncate(file.get(), size) != 0) {
    return failed(std::strerror(errno));
  }
  if (const int error = ::posix_fallocate(file.get(), 0, size); error != 0) {
    return failed(std::strerror(error));
  }
  return file;
}

}  // namespace dotkeep::supervisor
