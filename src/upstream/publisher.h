// Writes what the pool knows of its servers into the page that the control room reads.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "ipc/upstream_page.h"
#include "upstream/counts.h"
#include "upstream/pool.h"

namespace dotkeep::upstream {

class Publisher {
 public:
  struct Name {
    std::string_view id, address;
  };

  // The page may be one that a former upstream room has written: its numbers go on.
  explicit Publisher(ipc::UpstreamPage& page);

  // A new table of servers, which the pool has too by now. Who has an id that was there before goes
  // on from its numbers.
  void configure(const std::vector<Name>& names, const Pool& pool);
  // Cost: some 60 words for each server.
  void publish(const Pool& pool);

 private:
  using Words = std::array<std::uint64_t, sizeof(ServerCounts) / sizeof(std::uint64_t)>;

  void write(const Pool& pool, std::uint8_t number);

  ipc::UpstreamPage& page_;
  std::array<Words, ipc::kMaxServers> before_{};  // what is to be added to the pool's own numbers
};

}  // namespace dotkeep::upstream
