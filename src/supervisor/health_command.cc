// dotkeep health [ADDR:PORT]
#include <sys/socket.h>

#include <algorithm>

#include "ipc/tool_descriptors.h"
#include "supervisor/commands.h"
#include "supervisor/complain.h"
#include "supervisor/tool.h"

namespace dotkeep::supervisor {
namespace {

constexpr std::uint16_t kDnsPort = 53;

// Where a running dotkeep with this configuration can be asked from this machine.
std::optional<config::Endpoint> listener_of(const ConfigSource& source) {
  const auto loaded = load_config(source);
  if (!loaded) return std::nullopt;
  for (const config::Listen& listen : loaded->parsed.config.listeners) {
    if (!listen.udp) continue;
    config::Endpoint endpoint = listen.endpoint;
    const bool wildcard =
        std::ranges::all_of(endpoint.address, [](std::uint8_t octet) { return octet == 0; });
    if (wildcard && endpoint.family == 4) endpoint.address = {127, 0, 0, 1};
    if (wildcard && endpoint.family == 6) endpoint.address[15] = 1;
    return endpoint;
  }
  complain("no [[listen]] has UDP: name an address to ask");
  return std::nullopt;
}

}  // namespace

int health_command(const ConfigSource& source, const std::string& address) {
  std::optional<config::Endpoint> endpoint;
  if (address.empty()) {
    endpoint = listener_of(source);
    if (!endpoint) return kConfig;
  } else {
    const auto parsed = config::parse_endpoint(address, kDnsPort);
    if (!parsed) {
      complain("{}: {}", address, parsed.error());
      return kUsage;
    }
    endpoint = *parsed;
  }
  const auto socket = connect_socket(*endpoint, SOCK_DGRAM, Duration::zero());
  if (!socket) {
    complain("{}: {}", endpoint->to_text(), socket.error());
    return kFailed;
  }
  const auto status = run_tool("dotkeep-health", {}, {{socket->get(), health::kSocketFd}});
  if (status) return *status;
  complain("{}", status.error());
  return kFailed;
}

}  // namespace dotkeep::supervisor
