// dotkeep pin 'ADDR:PORT#NAME'
#include <fmt/format.h>

#include <cstdio>

#include "supervisor/bootstrap.h"
#include "supervisor/commands.h"
#include "supervisor/probe.h"

namespace dotkeep::supervisor {

int pin_command(const std::string& upstream, const std::string& ca_file) {
  config::Config config;
  config.tls.ca_file = ca_file;
  auto parsed = config::parse_upstream_argument(upstream);
  if (!parsed) {
    fmt::print(stderr, "dotkeep: {}: {}\n", upstream, parsed.error());
    return kUsage;
  }
  config::Upstream server;
  server.id = "server";
  server.endpoint = parsed->endpoint;
  server.name = parsed->name;
  if (server.name.empty()) {
    fmt::print(stderr,
               "dotkeep: {}: without #NAME nothing can be verified; add the name that its "
               "certificate has\n",
               upstream);
    return kUsage;
  }
  config.upstreams.push_back(server);
  const auto trust = open_trust(config);
  if (!trust) {
    fmt::print(stderr, "dotkeep: {}\n", trust.error().message);
    return trust.error().status;
  }
  return probe(server, *trust, ProbeReport::pin) ? kOk : kFailed;
}

}  // namespace dotkeep::supervisor
