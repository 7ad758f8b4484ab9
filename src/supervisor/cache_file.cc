#include "supervisor/cache_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "ipc/cache_file.h"
#include "supervisor/account.h"

namespace dotkeep::supervisor {
namespace {

// A file that is there already is made as large as ours and written over: it must be one of ours.
// That nobody else has it, either, since who makes it shorter ends the frontend that maps it.
std::optional<std::string> not_ours(const Fd& file, const struct stat& status,
                                    const config::Config& config) {
  if (!S_ISREG(status.st_mode)) return "is not a regular file";
  if (status.st_nlink != 1) return "has another name, too";
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "may be written by others";
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    const auto account = find_account(config.process.user);
    if (!account || status.st_uid != account->uid) return "belongs to somebody else";
  }
  std::array<char, ipc::kCacheMark.size()> mark{};
  const ssize_t got = ::pread(file.get(), mark.data(), mark.size(), 0);
  if (got < 0) return std::strerror(errno);
  const bool never_written = mark == decltype(mark){};
  const std::string_view found(mark.data(), mark.size());
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size % (2 * ipc::kCachePage) != 0 || (!never_written && found != ipc::kCacheMark)) {
    return "is there and no cache of dotkeep's; it stays as it is";
  }
  return std::nullopt;
}

}  // namespace

std::expected<Fd, std::string> open_cache_file(const config::Config& config,
                                               std::uint32_t frontends) {
  if (config.cache.file.empty() || config.cache.size == 0) return Fd();
  const auto failed = [&](std::string_view why) {
    return std::unexpected(fmt::format("cache.file {}: {}", config.cache.file, why));
  };
  // Names that people looked up are in it: for nobody else to read. A link in a folder that others
  // may write to could lead anywhere.
  Fd file(::open(config.cache.file.c_str(),
                 O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
                 S_IRUSR | S_IWUSR));
  if (!file) return failed(std::strerror(errno));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return failed(std::strerror(errno));
  if (const auto why = not_ours(file, status, config)) return failed(*why);
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
