// dotkeep-connector: opens TCP connections to the configured upstreams, for the upstream room.
#include <unistd.h>

#include <array>
#include <cstring>
#include <vector>

#include "base/log.h"
#include "config/log_setup.h"
#include "config/memfd.h"
#include "connector/room.h"
#include "ipc/descriptors.h"
#include "policy/policies.h"
#include "sandbox/sandbox.h"

namespace {

using namespace dotkeep;

constexpr int kNotContained = 77;
constexpr int kConfig = 78;

}  // namespace

int main() {
  constexpr std::array<int, 4> kGiven = {ipc::kConfigFd, ipc::kOrdersFd, ipc::kUnsealedFd,
                                         ipc::kFirstWallFd};
  const auto only_given = sandbox::keep_only(kGiven);
  const auto config = config::read_memfd(ipc::kConfigFd);
  if (!config || !only_given) return kConfig;
  ::close(ipc::kConfigFd);
  config::set_up_log("connector", *config);
  sandbox::reserve_memory(connector::Room::kMemory);

  connector::Room room(*config);
  std::vector<std::uint16_t> ports;
  for (const config::Upstream& upstream : config->upstreams) {
    ports.push_back(upstream.endpoint.port);
  }
  const auto sealed =
      sandbox::seal(policy::kConnector, *only_given, sandbox::Grants{.connect_ports = ports});
  if (!sealed) {
    log::error("cannot be sealed",
               {{"layer", sealed.error().layer}, {"error", std::strerror(sealed.error().error)}});
    return kNotContained;
  }
  if (const auto missing = sandbox::missing_layer(sealed->layers(), config->sandbox.require)) {
    log::error("a required layer is missing", {{"layer", *missing}});
    return kNotContained;
  }
  log::info("sealed", {{"layers", sealed->layers().to_text()}});
  ipc::announce_sealed(*sealed);
  return room.run(*sealed);
}
