// Files: opening, making, changing and looking at them, by every door that the kernel has for it.
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "escape/attempt.h"

namespace dotkeep::escape {
namespace {

struct Path {
  std::array<char, 320> text{};
  Path(const World& world, const char* name) {
    std::snprintf(text.data(), text.size(), "%s/%s", world.folder, name);
  }
  operator const char*() const { return text.data(); }  // NOLINT(google-explicit-constructor)
};

struct How {  // of openat2(2)
  std::uint64_t flags, mode, resolve;
};

constexpr Attempt kAttempts[] = {
    {"openat: read a file",
     [](const World&) {
       return got(::open("/etc/hostname", O_RDONLY)) || got(::open("/etc/passwd", O_RDONLY));
     }},
    {"openat: make a file",
     [](const World& w) { return got(::open(Path(w, "new"), O_CREAT | O_WRONLY, 0600)); }},
    {"openat: the root", [](const World&) { return got(::open("/", O_PATH | O_DIRECTORY)); }},
    {"openat: its own memory", [](const World&) { return got(::open("/proc/self/mem", O_RDWR)); }},
    {"openat: a sibling's memory",
     [](const World& w) {
       std::array<char, 64> path{};
       std::snprintf(path.data(), path.size(), "/proc/%d/mem", w.sibling);
       return got(::open(path.data(), O_RDONLY));
     }},
    {"openat2",
     [](const World&) {
       How how{O_RDONLY, 0, 0};
       return got(::syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof how));
     }},
#ifdef __x86_64__
    {"open, the old call",
     [](const World&) { return got(::syscall(SYS_open, "/etc/passwd", O_RDONLY, 0)); }},
    {"creat",
     [](const World& w) {
       const Path path(w, "created");
       return got(::syscall(SYS_creat, path.text.data(), 0600));
     }},
#endif
    {"open_by_handle_at",
     [](const World&) { return got(::syscall(SYS_open_by_handle_at, -1, nullptr, O_RDONLY)); }},
    {"name_to_handle_at",
     [](const World& w) {
       const Path path(w, "there");
       struct {
         unsigned size;
         int type;
         char octets[128];
       } handle{128, 0, {}};
       int mount = 0;
       return got(::syscall(SYS_name_to_handle_at, AT_FDCWD, path.text.data(), &handle, &mount, 0));
     }},
    {"mkdir", [](const World& w) { return got(::mkdir(Path(w, "folder"), 0700)); }},
    {"mknod: a pipe",
     [](const World& w) { return got(::mknod(Path(w, "fifo"), S_IFIFO | 0600, 0)); }},
    {"symlink", [](const World& w) { return got(::symlink("there", Path(w, "symlink"))); }},
    {"link", [](const World& w) { return got(::link(Path(w, "there"), Path(w, "link"))); }},
    {"rename", [](const World& w) { return got(::rename(Path(w, "old"), Path(w, "older"))); }},
    {"unlink", [](const World& w) { return got(::unlink(Path(w, "gone"))); }},
    {"truncate", [](const World& w) { return got(::truncate(Path(w, "there"), 1)); }},
    {"chmod", [](const World& w) { return got(::chmod(Path(w, "old"), 0777)); }},
    {"chown",
     [](const World& w) {
       return got(::chown(Path(w, "old"), ::getuid(), static_cast<gid_t>(-1)));
     }},
    {"setxattr",
     [](const World& w) {
       const Path path(w, "there");
       return got(::syscall(SYS_setxattr, path.text.data(), "user.x", "y", 1, 0));
     }},
    {"stat",
     [](const World&) {
       struct stat status{};
       return got(::stat("/etc/passwd", &status));
     }},
    {"statx",
     [](const World&) {
       struct statx status{};
       return got(::statx(AT_FDCWD, "/etc/passwd", 0, STATX_SIZE, &status));
     }},
    {"access", [](const World&) { return got(::access("/etc/passwd", R_OK)); }},
    {"readlink",
     [](const World&) {
       std::array<char, 64> text{};
       return got(::readlink("/proc/self/exe", text.data(), text.size()));
     }},
    {"getcwd",
     [](const World&) {
       std::array<char, 512> text{};
       return got(::syscall(SYS_getcwd, text.data(), text.size()));
     }},
    {"chdir", [](const World&) { return got(::chdir("/etc")); }},
    {"inotify: watch a folder", [](const World&) { return got(::inotify_init1(0)); }},
    {"memfd_create", [](const World&) { return got(::syscall(SYS_memfd_create, "x", 0)); }},
    {"write to another descriptor",
     [](const World&) { return got(::write(STDIN_FILENO, "x", 1)); }},
    {"writev",
     [](const World&) {
       iovec vector{const_cast<char*>("\0"), 0};
       return got(::writev(STDERR_FILENO, &vector, 1));
     }},
    {"pwrite", [](const World&) { return got(::pwrite(STDIN_FILENO, "x", 1, 0)); }},
    {"sendfile",
     [](const World&) {
       return got(::syscall(SYS_sendfile, STDERR_FILENO, STDIN_FILENO, nullptr, 1));
     }},
    {"splice",
     [](const World&) {
       return got(::syscall(SYS_splice, STDIN_FILENO, nullptr, STDERR_FILENO, nullptr, 0, 0));
     }},
    {"dup: one descriptor more", [](const World&) { return got(::dup(STDERR_FILENO)); }},
    {"dup2: another log", [](const World&) { return got(::dup2(STDIN_FILENO, STDERR_FILENO)); }},
    {"pipe",
     [](const World&) {
       std::array<int, 2> ends{};
       return got(::pipe2(ends.data(), 0));
     }},
    {"fcntl: copy a descriptor",
     [](const World&) { return got(::fcntl(STDERR_FILENO, F_DUPFD, 100)); }},
    {"fcntl: make the log blocking",
     [](const World&) { return got(::fcntl(STDERR_FILENO, F_SETFL, 0)); }},
    {"ioctl: make the log blocking",
     [](const World&) {
       int off = 0;
       return got(::ioctl(STDERR_FILENO, FIONBIO, &off));
     }},
    {"fcntl: a signal to a sibling at every event",
     [](const World& w) { return got(::fcntl(STDERR_FILENO, F_SETOWN, w.sibling)); }},
    {"flock", [](const World&) { return got(::syscall(SYS_flock, STDIN_FILENO, 1 | 4)); }},
    {"ioctl: type into a terminal",
     [](const World&) {
       char letter = 'x';
       return got(::ioctl(STDIN_FILENO, TIOCSTI, &letter));
     }},
    {"ioctl: how much can be read",
     [](const World&) {
       int count = 0;
       return got(::ioctl(STDERR_FILENO, FIONREAD, &count));
     }},
};

}  // namespace

std::span<const Attempt> file_attempts() {
  return kAttempts;
}

}  // namespace dotkeep::escape
