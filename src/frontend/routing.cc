#include "frontend/routing.h"

#include <algorithm>
#include <string>

#include "base/siphash.h"
#include "config/upstream_mark.h"

namespace dotkeep::frontend {

Routing::Routing(const config::Config& config) {
  std::uint64_t routed = 0;
  for (const config::Route& route : config.routes) {
    const auto domain = dns::Name::from_text(route.domain);
    if (!domain) continue;  // config has checked it
    Route own{*domain, 0};
    for (const std::size_t upstream : route.upstreams)
      own.upstreams |= std::uint64_t{1} << upstream;
    routed |= own.upstreams;
    routes_.push_back(own);
  }
  std::sort(routes_.begin(), routes_.end(),
            [](const Route& a, const Route& b) { return a.domain.labels() > b.domain.labels(); });
  for (std::size_t i = 0; i < config.upstreams.size(); ++i) default_ |= std::uint64_t{1} << i;
  default_ &= ~routed;
}

std::uint64_t Routing::upstreams_for(const dns::Name& name) const {
  for (const Route& route : routes_) {
    if (name.is_within(route.domain)) return route.upstreams;
  }
  return default_;
}

std::uint64_t sources_mark(const config::Config& config) {
  std::string text = std::to_string(config::upstream_mark(config));
  for (const config::Route& route : config.routes) {
    text.append(1, '\0').append(route.domain);
    for (const std::size_t upstream : route.upstreams) {
      text.append(1, ' ').append(std::to_string(upstream));
    }
  }
  // What was kept while private addresses were allowed must not outlive that.
  for (const std::string& domain : config.names.rebinding_except) {
    text.append(1, '\n').append(domain);
  }
  if (config.names.refuse_rebinding) text.append(1, '\n');
  // The times of what is kept are what these made of them.
  text.append(1, '\n').append(std::to_string(config.cache.min_ttl.count()));
  text.append(1, ' ').append(std::to_string(config.cache.max_ttl.count()));
  return siphash({}, Octets(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

}  // namespace dotkeep::frontend
