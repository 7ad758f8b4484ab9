// Which upstreams may be asked for a name: `[[route]]` sends a subtree to the upstreams it names,
// and those serve nothing else; all other names go to the upstreams that no route names.
#pragma once

#include <cstdint>
#include <vector>

#include "config/config.h"
#include "dns/name.h"

namespace dotkeep::frontend {

class Routing {
 public:
  explicit Routing(const config::Config& config);

  // Bit i stands for Config::upstreams[i]; 0 when nobody may be asked. The longest matching route
  // decides. Cost: linear in the number of routes.
  [[nodiscard]] std::uint64_t upstreams_for(const dns::Name& name) const;

 private:
  struct Route {
    dns::Name domain;
    std::uint64_t upstreams = 0;
  };
  std::vector<Route> routes_;  // longest domain first
  std::uint64_t default_ = 0;
};

// A number that two configurations share when each name has the same upstreams in both, and what
// may be kept and for how long is the same, too.
[[nodiscard]] std::uint64_t sources_mark(const config::Config& config);

}  // namespace dotkeep::frontend
