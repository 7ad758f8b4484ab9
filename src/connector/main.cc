// dotkeep-connector NOTICES CONFINEMENT: opens TCP connections to the configured upstreams, for the
// upstream room, and tells it when the network changes (NOTICES is 1: it was given them).
#include <unistd.h>

#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "base/log.h"
#include "config/log_setup.h"
#include "config/memfd.h"
#include "connector/room.h"
#include "ipc/descriptors.h"
#include "ipc/seal_worker.h"
#include "policy/policies.h"
#include "sandbox/sandbox.h"

namespace {

using namespace dotkeep;

constexpr int kConfig = 78;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return kConfig;
  const bool notices = std::strcmp(argv[1], "1") == 0;
  constexpr std::array<int, 5> kGiven = {ipc::kConfigFd, ipc::kOrdersFd, ipc::kUnsealedFd,
                                         ipc::kFirstWallFd, ipc::kNetworkFd};
  const auto only_given = sandbox::keep_only(std::span(kGiven).first(notices ? 5 : 4));
  const auto config = config::read_memfd(ipc::kConfigFd);
  if (!config || !only_given) return kConfig;
  ::close(ipc::kConfigFd);
  config::set_up_log("connector", *config);
  if (!sandbox::reserve_memory(connector::Room::kMemory)) return sandbox::kExitOutOfMemory;

  connector::Room room(*config, notices);
  std::vector<std::uint16_t> ports;
  for (const config::Upstream& upstream : config->upstreams) {
    ports.push_back(upstream.endpoint.port);
  }
  const auto sealed = ipc::seal_worker(
      policy::kConnector, *only_given,
      {.connect_ports = ports, .confinement = sandbox::Confinement::from_word(argv[2])},
      config->sandbox.require);
  if (!sealed) return ipc::kNotContained;
  return room.run(*sealed);
}
