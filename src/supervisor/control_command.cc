// dotkeep status, dotkeep cache flush: one line to a control socket, and what comes back.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <chrono>
#include <cstdio>

#include "base/fd.h"
#include "base/memfd.h"
#include "supervisor/asio.h"
#include "supervisor/commands.h"
#include "supervisor/complain.h"
#include "supervisor/control_socket_of.h"
#include "supervisor/operators_file.h"

namespace dotkeep::supervisor {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);  // more than the control room gives itself
// A room that runs takes connections at once.
constexpr timeval kConnectTime{.tv_sec = 3, .tv_usec = 0};
constexpr std::size_t kMaxAnswer = 16U << 20;

std::optional<std::string> path_of(const ConfigSource& source, const ControlTarget& target) {
  if (!target.socket.empty()) return target.socket;
  if (target.pid != 0) {
    auto path = control_socket_of(target.pid);
    if (!path) complain("process {}: {}", target.pid, path.error());
    return path ? std::optional(*path) : std::nullopt;
  }
  // Without a readable file, or one that is for another version, it is where it is by default.
  const std::string file = source.file.value_or(kDefaultConfig);
  const auto content = read_operators_file(file, config::kMaxFileOctets);
  const auto parsed =
      content ? config::parse(*content) : std::unexpected(std::vector<config::Problem>());
  if (!parsed) return config::defaults().control.socket;
  const std::string& path = parsed->config.control.socket;
  if (!path.empty()) return path;
  complain("{} has no control.socket", file);
  return std::nullopt;
}

// What the control room says is shown to a person: nothing of it may speak to the terminal.
void print(std::string_view octets, std::FILE* to) {
  std::string plain;
  for (const char c : octets) plain += c == '\n' || (c >= ' ' && c < 0x7f) ? c : '?';
  static_cast<void>(std::fwrite(plain.data(), 1, plain.size(), to));
}

using Local = asio::local::stream_protocol;

// The kernel waits where the queue of connections is full, for so long and no longer.
asio::error_code connect(Local::socket& socket, const std::string& path) {
  asio::error_code error;
  const Local::endpoint endpoint(path);
  socket.open(endpoint.protocol(), error);
  if (error) return error;
  const int fd = socket.native_handle();
  if (::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kConnectTime, sizeof kConnectTime) != 0 ||
      ::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    return {errno, asio::error::get_system_category()};
  }
  return {};
}

int ask(const std::string& path, const std::string& line) {
  asio::io_context io(1);
  Local::socket socket(io.get_executor());
  asio::error_code error = asio::error::name_too_long;
  if (path.size() < sizeof(sockaddr_un::sun_path)) error = connect(socket, path);
  if (error == asio::error::would_block) {
    complain("{}: whoever listens there takes no connection", path);
    return kUnavailable;
  }
  if (error) {
    complain("{}: {}{}", path, error.message(),
             error == asio::error::access_denied
                 ? "; it is for root, the account of dotkeep and its group"
                 : "");
    return kUnavailable;
  }
  asio::write(socket, asio::buffer(line), error);
  std::string answer;
  bool ended = static_cast<bool>(error);
  if (!ended) {
    asio::async_read(
        socket, asio::dynamic_buffer(answer, kMaxAnswer),
        [&](const asio::error_code& why, std::size_t) { ended = static_cast<bool>(why); });
    io.run_for(kPatience);
  }
  // A read that goes on has made room in it for what did not come.
  if (!ended) answer.clear();
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
    complain("a name has no space in it; write \\032 for one");
    return kUsage;
  }
  const auto path = path_of(source, target);
  if (!path) return kConfig;
  if (!suffix.empty()) return ask(*path, "flush-suffix " + suffix + "\n");
  return ask(*path, name.empty() ? "flush\n" : "flush " + name + "\n");
}

}  // namespace dotkeep::supervisor
