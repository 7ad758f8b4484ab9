#include "ipc/seal_worker.h"

#include <unistd.h>

#include <cstring>

#include "base/log.h"
#include "ipc/descriptors.h"

namespace dotkeep::ipc {

std::optional<sandbox::Sealed> seal_worker(const sandbox::Policy& policy,
                                           const sandbox::OnlyGiven& given,
                                           const sandbox::Grants& grants,
                                           std::span<const std::string> require) {
  const auto sealed = sandbox::seal(policy, given, grants);
  if (!sealed) {
    log::error("cannot be sealed",
               {{"layer", sealed.error().layer}, {"error", std::strerror(sealed.error().error)}});
    return std::nullopt;
  }
  if (const auto missing = sandbox::missing_layer(sealed->layers(), policy, require)) {
    log::error("a required layer is missing", {{"layer", *missing}});
    return std::nullopt;
  }
  log::info("sealed", {{"layers", sealed->layers().to_text()}});
  ::close(kUnsealedFd);
  return *sealed;
}

}  // namespace dotkeep::ipc
