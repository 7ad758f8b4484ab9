// dotkeep-upstream FRONTENDS CONFINEMENT: carries queries to servers over TLS, and reads what they
// send.
#include <unistd.h>

#include <cstring>
#include <vector>

#include "base/log.h"
#include "base/memfd.h"
#include "base/shared_memory.h"
#include "config/log_setup.h"
#include "config/memfd.h"
#include "ipc/argument.h"
#include "ipc/descriptors.h"
#include "ipc/seal_worker.h"
#include "policy/policies.h"
#include "sandbox/sandbox.h"
#include "upstream/room.h"

namespace {

using namespace dotkeep;

constexpr int kConfig = 78;

}  // namespace

int main(int argc, char** argv) {
  const std::uint32_t frontends = argc == 3 ? ipc::number(argv[1], config::kMaxFrontends) : 0;
  std::vector<int> given = {ipc::kConfigFd, ipc::kOrdersFd, ipc::kTrustFd, ipc::kUnsealedFd,
                            ipc::kServersFd};
  for (std::uint32_t i = 0; i <= frontends; ++i) {
    given.push_back(ipc::kFirstWallFd + static_cast<int>(i));
  }
  const auto only_given = sandbox::keep_only(given);
  const auto config = config::read_memfd(ipc::kConfigFd);
  const auto ca_pem = read_whole(ipc::kTrustFd, upstream::kMaxTrustOctets);
  if (!config || !ca_pem || !only_given || frontends == 0) return kConfig;
  ::close(ipc::kConfigFd);
  ::close(ipc::kTrustFd);
  config::set_up_log("upstream", *config);
  if (!sandbox::reserve_memory(upstream::Room::memory(*config, ca_pem->size(), frontends))) {
    return sandbox::kExitOutOfMemory;
  }

  const Fd servers(ipc::kServersFd);
  auto* const page =
      static_cast<ipc::UpstreamPage*>(map_shared(servers.get(), sizeof(ipc::UpstreamPage)));
  if (page == nullptr) {
    log::error("shared memory cannot be mapped", {{"error", std::strerror(errno)}});
    return sandbox::kExitOutOfMemory;
  }
  const auto trust = upstream::make_trust(*ca_pem, upstream::digest_of(*ca_pem));
  if (!trust) {
    log::error("trust anchors cannot be used", {{"error", trust.error()}});
    return kConfig;
  }
  upstream::Room room(*config, *trust, frontends, *page);
  const auto sealed = ipc::seal_worker(policy::kUpstream, *only_given,
                                       {.confinement = sandbox::Confinement::from_word(argv[2])},
                                       config->sandbox.require);
  if (!sealed) return ipc::kNotContained;
  return room.run(*sealed);
}
