// dotkeep-control FRONTENDS SOCKETS CONFINEMENT: shows what the other processes count, and passes
// on what an operator wants forgotten. SOCKETS: 1 the control socket, 2 that of metrics, 3 both.
#include <unistd.h>

#include <cstring>
#include <vector>

#include "base/fd.h"
#include "base/log.h"
#include "base/shared_memory.h"
#include "config/log_setup.h"
#include "config/memfd.h"
#include "control/room.h"
#include "ipc/argument.h"
#include "ipc/descriptors.h"
#include "ipc/seal_worker.h"
#include "policy/policies.h"
#include "sandbox/sandbox.h"

namespace {

using namespace dotkeep;

constexpr int kConfig = 78;

template <typename Page>
bool map(int number, const Page*& page) {
  const Fd fd(number);
  page = static_cast<const Page*>(map_shared_to_read(fd.get(), sizeof(Page)));
  return page != nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return kConfig;
  control::Room::Given what;
  what.frontends = ipc::number(argv[1], config::kMaxFrontends);
  const std::uint32_t sockets = ipc::number(argv[2], 3);
  what.control_socket = (sockets & 1) != 0;
  what.metrics_socket = (sockets & 2) != 0;
  const int first_page = ipc::kFirstControlWallFd + static_cast<int>(what.frontends);
  const int end = first_page + static_cast<int>(what.frontends);

  std::vector<int> given = {ipc::kConfigFd, ipc::kOrdersFd, ipc::kUnsealedFd};
  if (what.control_socket) given.push_back(ipc::kControlSocketFd);
  if (what.metrics_socket) given.push_back(ipc::kMetricsSocketFd);
  for (int fd = ipc::kProcessPageFd; fd < end; ++fd) given.push_back(fd);
  const auto only_given = sandbox::keep_only(given);
  const auto config = config::read_memfd(ipc::kConfigFd);
  if (!config || !only_given || what.frontends == 0 || sockets == 0) return kConfig;
  ::close(ipc::kConfigFd);
  config::set_up_log("control", *config);
  what.servers = config->upstreams.size();
  if (!sandbox::reserve_memory(control::Room::memory(what))) {
    log::error("no memory");
    return sandbox::kExitOutOfMemory;
  }

  control::Pages pages;
  pages.most_servers = what.servers;
  pages.frontends.resize(what.frontends);
  bool mapped =
      map(ipc::kProcessPageFd, pages.processes) && map(ipc::kUpstreamPageFd, pages.servers);
  for (std::uint32_t i = 0; i < what.frontends; ++i) {
    mapped = mapped && map(first_page + static_cast<int>(i), pages.frontends[i]);
  }
  if (!mapped) {
    log::error("shared memory cannot be mapped", {{"error", std::strerror(errno)}});
    return sandbox::kExitOutOfMemory;
  }
  control::Room room(what, pages);
  const auto sealed = ipc::seal_worker(policy::kControl, *only_given,
                                       {.confinement = sandbox::Confinement::from_word(argv[3])},
                                       config->sandbox.require);
  if (!sealed) return ipc::kNotContained;
  return room.run(*sealed);
}
