// dotkeep-frontend INDEX FRONTENDS LISTENERS CACHE-FILE(0|1) CONFINEMENT: serves DNS clients and
// reads what upstreams answered.
#include <cstring>
#include <string>
#include <vector>

#include "base/log.h"
#include "config/log_setup.h"
#include "config/memfd.h"
#include "frontend/room.h"
#include "ipc/argument.h"
#include "ipc/descriptors.h"
#include "ipc/seal_worker.h"
#include "policy/policies.h"
#include "sandbox/sandbox.h"

namespace {

using namespace dotkeep;

constexpr int kConfig = 78;
constexpr std::uint32_t kMaxCount =
    128;  // more than config allows of anything that is counted here

// Address space to take before the seal: what the configuration's bounds allow, and room to
// breathe.
std::size_t budget(const config::Config& config, std::uint32_t frontends, std::uint32_t listeners) {
  const std::size_t share = frontends == 0 ? 1 : frontends;
  const std::size_t pending = config.limits.pending / share + 1;
  const std::size_t tcp = config.limits.tcp_clients / share + 1;
  return frontend::Room::memory(pending, tcp, listeners, config.cache.size / share);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return kConfig;
  const std::uint32_t frontends = ipc::number(argv[2], kMaxCount);
  const std::uint32_t listeners = ipc::number(argv[3], kMaxCount);
  static const std::string name = std::string("frontend[") + argv[1] + "]";

  std::vector<int> given = {ipc::kConfigFd, ipc::kOrdersFd,   ipc::kUnsealedFd,   ipc::kFirstWallFd,
                            ipc::kLimitsFd, ipc::kCountersFd, ipc::kControlWallFd};
  for (std::uint32_t i = 0; i < listeners; ++i)
    given.push_back(ipc::kFirstListenerFd + static_cast<int>(i));
  const bool has_cache_file = ipc::number(argv[4], kMaxCount) == 1;
  if (has_cache_file) given.push_back(ipc::kCacheFileFd);
  const auto only_given = sandbox::keep_only(given);
  const auto config = config::read_memfd(ipc::kConfigFd);
  if (!config || !only_given || frontends == 0) return kConfig;
  ::close(ipc::kConfigFd);
  config::set_up_log(name, *config);
  if (!sandbox::reserve_memory(budget(*config, frontends, listeners))) {
    return sandbox::kExitOutOfMemory;
  }

  const auto shared = frontend::map_shared_memory();
  if (!shared) {
    log::error("shared memory cannot be mapped", {{"error", std::strerror(errno)}});
    return sandbox::kExitOutOfMemory;
  }
  frontend::Room room(name, *config, *shared, frontends, listeners);
  if (has_cache_file) room.keep_cache(ipc::number(argv[1], kMaxCount), frontends, *config);
  const auto sealed = ipc::seal_worker(policy::kFrontend, *only_given,
                                       {.confinement = sandbox::Confinement::from_word(argv[5])},
                                       config->sandbox.require);
  if (!sealed) return ipc::kNotContained;
  return room.run(*sealed);
}
