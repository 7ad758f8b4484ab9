#include "supervisor/shared_pages.h"

#include <cerrno>
#include <cstring>

#include "base/shared_memory.h"
#include "ipc/upstream_page.h"

namespace dotkeep::supervisor {

std::expected<SharedPages, std::string> make_shared_pages(const FrontendMemory& frontends) {
  SharedPages pages;
  bool made = true;
  const auto to_read = [&made](const std::optional<Fd>& memory) {
    auto fd = memory ? read_only(*memory) : std::nullopt;
    made = made && fd;
    return fd ? std::move(*fd) : Fd();
  };
  auto servers = make_shared_memfd("dotkeep-servers", sizeof(ipc::UpstreamPage));
  const auto processes = make_shared_memfd("dotkeep-processes", sizeof(ipc::ProcessPage));
  pages.servers_read = to_read(servers);
  pages.processes_read = to_read(processes);
  for (const Fd& counters : frontends.counters) {
    auto fd = read_only(counters);
    made = made && fd;
    if (fd) pages.counters_read.push_back(std::move(*fd));
  }
  if (made) {
    pages.servers = std::move(*servers);
    pages.processes =
        static_cast<ipc::ProcessPage*>(map_shared(processes->get(), sizeof(ipc::ProcessPage)));
  }
  if (pages.processes == nullptr) {
    return std::unexpected(std::string("the kernel gives no shared memory: ") +
                           std::strerror(errno));
  }
  return pages;
}

}  // namespace dotkeep::supervisor
