#include <fmt/format.h>

#include "policy/policies.h"
#include "supervisor/commands.h"
#include "supervisor/version.h"

namespace dotkeep::supervisor {

int version_command() {
  fmt::print("dotkeep {}\nbuilt with {} for {}, wolfSSL {}\n", DOTKEEP_VERSION, DOTKEEP_COMPILER,
             DOTKEEP_ARCHITECTURE, DOTKEEP_WOLFSSL_VERSION);
  if (policy::kSupervisor.overlay) {
    fmt::print("SANITIZER BUILD: its sandbox is wider than a release's; for tests only\n");
  }
  return kOk;
}

}  // namespace dotkeep::supervisor
