#include "supervisor/frontend_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/random.h"
#include "base/shared_memory.h"
#include "ipc/counter_page.h"

namespace dotkeep::supervisor {
namespace {

void fill_key(SipKey& key) {
  fill_random({reinterpret_cast<std::uint8_t*>(key.data()), sizeof key});
}

}  // namespace

std::expected<FrontendMemory, std::string> make_frontend_memory(
    std::uint32_t frontends, const std::vector<SipKey>& cookie_secrets) {
  FrontendMemory memory;
  const auto failed = [] {
    return std::unexpected(std::string("the kernel gives no shared memory: ") +
                           std::strerror(errno));
  };
  auto limits = make_shared_memfd("dotkeep-limits", sizeof(ipc::SharedLimits));
  if (!limits) return failed();
  auto* shared =
      static_cast<ipc::SharedLimits*>(map_shared(limits->get(), sizeof(ipc::SharedLimits)));
  if (shared == nullptr) return failed();
  fill_key(shared->table_key);
  fill_key(shared->cookie_key);
  const std::size_t given = std::min(cookie_secrets.size(), ipc::kGivenSecrets);
  std::copy_n(cookie_secrets.begin(), given, shared->cookie_secrets.begin());
  shared->cookie_secret_count = static_cast<std::uint32_t>(given);
  // The supervisor has no use for it any more, and what it does not see nobody can have from it.
  ::munmap(shared, sizeof(ipc::SharedLimits));
  memory.limits = std::move(*limits);
  for (std::uint32_t i = 0; i < frontends; ++i) {
    auto counters = make_shared_memfd("dotkeep-counters", sizeof(ipc::CounterPage));
    if (!counters) return failed();
    memory.counters.push_back(std::move(*counters));
  }
  return memory;
}

}  // namespace dotkeep::supervisor
