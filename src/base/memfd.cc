#include "base/memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace dotkeep {

std::optional<Fd> make_sealed_memfd(const char* name, std::string_view content) {
  Fd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return std::nullopt;
  while (!content.empty()) {
    const ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return std::nullopt;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) !=
      0) {
    return std::nullopt;
  }
  return fd;
}

std::optional<std::string> read_whole(int fd, std::size_t limit) {
  std::string content;
  while (true) {
    const std::size_t before = content.size();
    if (before > limit) return std::nullopt;
    content.resize(before + 65536);
    const ssize_t got = ::pread(fd, content.data() + before, 65536, static_cast<off_t>(before));
    content.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return content;
  }
}

}  // namespace dotkeep
