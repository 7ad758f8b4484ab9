#include "upstream/counts.h"

#include <type_traits>

#include "ipc/upstream_page.h"

namespace dotkeep::upstream {

static_assert(std::is_trivially_copyable_v<ServerCounts>);
static_assert(sizeof(ServerCounts) <= sizeof(ipc::ServerRow::values));

void for_each_count(
    const ServerCounts& c,
    const std::function<void(std::string_view, std::string_view, std::uint64_t)>& call) {
  call("queries", "", c.queries);
  call("answers", "", c.answers);
  call("handshake", "full", c.handshakes_full);
  call("handshake", "resumed", c.handshakes_resumed);
  call("unpinned", "", c.unpinned);
  for (std::size_t i = 0; i < kUpstreamFaults; ++i) {
    call("opening_failed", to_string(static_cast<UpstreamFault>(i)), c.opening_failed[i]);
  }
  for (std::size_t i = 0; i < kUpstreamFaults; ++i) {
    call("lost", to_string(static_cast<UpstreamFault>(i)), c.lost[i]);
  }
}

}  // namespace dotkeep::upstream
