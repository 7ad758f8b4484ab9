// Memory in which processes say what they do: each page has one writer, and the control room reads
// all of them by descriptors that cannot be written through.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "base/fd.h"
#include "ipc/process_page.h"
#include "supervisor/frontend_memory.h"

namespace dotkeep::supervisor {

struct SharedPages {
  Fd servers;                             // ipc::UpstreamPage, for the upstream room
  ipc::ProcessPage* processes = nullptr;  // ours
  Fd servers_read;                        // for the control room, as the following
  Fd processes_read;
  std::vector<Fd> counters_read;  // ipc::CounterPage of each frontend
};

// The error is a sentence.
[[nodiscard]] std::expected<SharedPages, std::string> make_shared_pages(
    const FrontendMemory& frontends);

}  // namespace dotkeep::supervisor
