// dotkeep status, dotkeep cache flush: one line to a control socket, and what comes back.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/fd.h"
#include "base/memfd.h"
#include "supervisor/commands.h"
#include "supervisor/control_socket_of.h"

namespace dotkeep::supervisor {
namespace {

constexpr int kPatienceMs = 10'000;  // more than the control room gives itself
constexpr std::size_t kMaxAnswer = 16U << 20;

std::optional<std::string> path_of(const ConfigSource& source, const ControlTarget& target) {
  if (!target.socket.empty()) return target.socket;
  if (target.pid != 0) {
    auto path = control_socket_of(target.pid);
    if (!path) fmt::print(stderr, "dotkeep: process {}: {}\n", target.pid, path.error());
    return path ? std::optional(*path) : std::nullopt;
  }
  // Without a readable file, or one that is for another version, it is where it is by default.
  const std::string file = source.file.value_or(kDefaultConfig);
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  const auto content = fd ? read_whole(fd.get(), config::kMaxFileOctets) : std::nullopt;
  const auto parsed =
      content ? config::parse(*content) : std::unexpected(std::vector<config::Problem>());
  if (!parsed) return config::defaults().control.socket;
  const std::string& path = parsed->config.control.socket;
  if (!path.empty()) return path;
  fmt::print(stderr, "dotkeep: {} has no control.socket\n", file);
  return std::nullopt;
}

Fd connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return {};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return {};
  return fd;
}

// What the control room says is shown to a person: nothing of it may speak to the terminal.
void print(std::string_view octets, std::FILE* to) {
  std::string plain;
  for (const char c : octets) plain += c == '\n' || (c >= ' ' && c < 0x7f) ? c : '?';
  static_cast<void>(std::fwrite(plain.data(), 1, plain.size(), to));
}

int ask(const std::string& path, const std::string& line) {
  const Fd fd = connect_to(path);
  if (!fd) {
    fmt::print(stderr, "dotkeep: {}: {}{}\n", path, std::strerror(errno),
               errno == EACCES ? "; it is for root, the account of dotkeep and its group" : "");
    return kUnavailable;
  }
  std::string answer;
  bool ended = ::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0;
  while (!ended && answer.size() < kMaxAnswer) {
    pollfd wait{fd.get(), POLLIN, 0};
    if (::poll(&wait, 1, kPatienceMs) <= 0) break;
    std::array<char, 65536> octets{};
    const ssize_t got = ::recv(fd.get(), octets.data(), octets.size(), 0);
    if (got > 0) answer.append(octets.data(), static_cast<std::size_t>(got));
    ended = got <= 0;
  }
  constexpr std::string_view kGood = "ok\n";
  if (ended && answer.starts_with(kGood)) {
    print(std::string_view(answer).substr(kGood.size()), stdout);
    return kOk;
  }
  print(answer.empty() ? "dotkeep: the control room does not answer\n" : "dotkeep: " + answer,
        stderr);
  return kFailed;
}

}  // namespace

int status_command(const ConfigSource& source, const ControlTarget& target, bool json,
                   bool addresses) {
  const auto path = path_of(source, target);
  if (!path) return kConfig;
  return ask(*path,
             fmt::format("status{}{}\n", json ? " json" : "", addresses ? " addresses" : ""));
}

int flush_command(const ConfigSource& source, const ControlTarget& target, const std::string& name,
                  const std::string& suffix) {
  for (const std::string* text : {&name, &suffix}) {
    if (text->find_first_of(" \t\r\n") == std::string::npos) continue;
    fmt::print(stderr, "dotkeep: a name has no space in it; write \\032 for one\n");
    return kUsage;
  }
  const auto path = path_of(source, target);
  if (!path) return kConfig;
  if (!suffix.empty()) return ask(*path, "flush-suffix " + suffix + "\n");
  return ask(*path, name.empty() ? "flush\n" : "flush " + name + "\n");
}

}  // namespace dotkeep::supervisor
