#include "frontend/shared.h"

#include "base/fd.h"
#include "base/shared_memory.h"
#include "ipc/descriptors.h"

namespace dotkeep::frontend {

std::optional<Shared> map_shared_memory() {
  const Fd limits(ipc::kLimitsFd);
  const Fd counters(ipc::kCountersFd);
  // Zeros are what both begin with; the supervisor has filled in the secrets.
  Shared shared{
      static_cast<ipc::SharedLimits*>(map_shared(limits.get(), sizeof(ipc::SharedLimits))),
      static_cast<ipc::CounterPage*>(map_shared(counters.get(), sizeof(ipc::CounterPage)))};
  if (shared.limits == nullptr || shared.counters == nullptr) return std::nullopt;
  return shared;
}

}  // namespace dotkeep::frontend
