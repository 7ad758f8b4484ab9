#include "supervisor/obituary.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "policy/syscall_names.h"

namespace dotkeep::supervisor {
namespace {

// All that was logged since the last death is read; the ring of a usual kernel has some thousand
// records, and this is where a log that grows while it is read ends.
constexpr int kMaxRecords = 65536;

std::optional<int> number_after(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(at + key.size());
  int value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace

KernelLog KernelLog::open() {
  KernelLog log;
  log.fd_ = Fd(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (log.fd_) static_cast<void>(::lseek(log.fd_.get(), 0, SEEK_END));
  return log;
}

std::optional<int> KernelLog::killed_for(pid_t pid) const {
  std::optional<int> found;
  if (!fd_) return found;
  std::array<char, 2048> record{};
  for (int i = 0; i < kMaxRecords; ++i) {
    const ssize_t size = ::read(fd_.get(), record.data(), record.size());
    // The ring overtook us, or the record is too long for us: reading goes on with the next.
    if (size < 0 && (errno == EPIPE || errno == EINVAL)) continue;
    if (size <= 0) break;
    if (const auto call = system_call_in({record.data(), static_cast<std::size_t>(size)}, pid))
      found = call;
  }
  return found;
}

std::optional<int> system_call_in(std::string_view line, pid_t pid) {
  if (line.find("type=1326 ") == std::string_view::npos) return std::nullopt;
  if (number_after(line, " pid=") != pid) return std::nullopt;
  return number_after(line, " syscall=");
}

std::string name_of_signal(int number) {
  const char* const name = ::sigabbrev_np(number);
  if (name != nullptr) return fmt::format("SIG{}", name);
  const bool real_time = number >= SIGRTMIN && number <= SIGRTMAX;
  return real_time ? fmt::format("SIGRTMIN+{}", number - SIGRTMIN) : fmt::format("{}", number);
}

std::string cause_of_death(const siginfo_t& info, const KernelLog& log) {
  if (info.si_code == CLD_EXITED) return fmt::format("exit status {}", info.si_status);
  std::string cause = "signal " + name_of_signal(info.si_status);
  if (info.si_status == SIGSYS) {
    if (const auto call = log.killed_for(info.si_pid)) {
      cause += fmt::format(", system call {} ({})", policy::syscall_name(*call), *call);
    } else {
      // The kernel writes ten lines in five seconds, about whatever it be.
      cause += log.fd() >= 0 ? ", system call not known: the kernel's log left it out"
                             : ", system call not known: the kernel's log is not readable here";
    }
  }
  return cause;
}

}  // namespace dotkeep::supervisor
