#include "supervisor/probe.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cstdio>

#include "ipc/tool_descriptors.h"
#include "supervisor/tool.h"

namespace dotkeep::supervisor {
namespace {

constexpr Duration kConnectTime = std::chrono::seconds(5);

std::string hex(const config::Pin& pin) {
  std::string text;
  for (const std::uint8_t octet : pin) text += fmt::format("{:02x}", octet);
  return text;
}

}  // namespace

bool probe(const config::Upstream& upstream, const Fd& trust, ProbeReport report) {
  const std::string label = fmt::format("{} ({}{}{})", upstream.id, upstream.endpoint.to_text(),
                                        upstream.name.empty() ? "" : "#", upstream.name);
  const auto socket = connect_socket(upstream.endpoint, SOCK_STREAM, kConnectTime);
  if (!socket) {
    fmt::print("{}\n  not reachable: {}\n", label, socket.error());
    return false;
  }
  // For the second handshake, the resumed one; a server that takes no second connection from us is
  // one without.
  std::vector<std::pair<int, int>> fds = {{trust.get(), probe::kTrustFd},
                                          {socket->get(), probe::kSocketFd}};
  std::expected<Fd, std::string> again = std::unexpected("");
  if (report == ProbeReport::check) {
    again = connect_socket(upstream.endpoint, SOCK_STREAM, kConnectTime);
    if (again) fds.emplace_back(again->get(), probe::kAgainFd);
  }
  std::vector<std::string> arguments = {
      report == ProbeReport::pin ? "pin" : "check", label, upstream.name,
      fmt::format("{:d}{:d}{:d}{:d}", static_cast<int>(upstream.post_quantum),
                  static_cast<int>(upstream.pin_mode), static_cast<int>(upstream.ocsp),
                  again ? 1 : 0)};
  for (const config::Pin& pin : upstream.pins) arguments.push_back(hex(pin));
  // What was printed so far comes before what the probe prints.
  static_cast<void>(std::fflush(stdout));
  const auto status = run_tool("dotkeep-probe", std::move(arguments), std::move(fds));
  if (!status) {
    fmt::print("{}\n  {}\n", label, status.error());
    return false;
  }
  return *status == 0;
}

}  // namespace dotkeep::supervisor
