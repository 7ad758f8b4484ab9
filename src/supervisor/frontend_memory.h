// The memory of the frontends that outlives them: made at bootstrap, handed to each at its start.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/fd.h"
#include "ipc/shared_limits.h"

namespace dotkeep::supervisor {

struct FrontendMemory {
  Fd limits;                 // ipc::SharedLimits, one for all
  std::vector<Fd> counters;  // ipc::CounterPage, one for each
  Fd cache_file;             // none: the cache forgets at a restart
};

// With fresh secrets; those of `cookie_secrets` (16 octets each, kGivenSecrets at most) for
// cookies. The error is a sentence.
[[nodiscard]] std::expected<FrontendMemory, std::string> make_frontend_memory(
    std::uint32_t frontends, const std::vector<SipKey>& cookie_secrets);

}  // namespace dotkeep::supervisor
