// dotkeep pin 'ADDR:PORT#NAME'
#include "supervisor/bootstrap.h"
#include "supervisor/commands.h"
#include "supervisor/complain.h"
#include "supervisor/probe.h"

namespace dotkeep::supervisor {

int pin_command(const std::string& upstream, const std::string& ca_file) {
  config::Config config;
  config.tls.ca_file = ca_file;
  auto parsed = config::parse_upstream_argument(upstream);
  if (!parsed) {
    complain("{}: {}", upstream, parsed.error());
    return kUsage;
  }
  config::Upstream server;
  server.id = "server";
  server.endpoint = parsed->endpoint;
  server.name = parsed->name;
  if (server.name.empty()) {
    complain(
        "{}: without #NAME nothing can be verified; add the name that its "
        "certificate has",
        upstream);
    return kUsage;
  }
  config.upstreams.push_back(server);
  const auto trust = open_trust(config);
  if (!trust) {
    complain("{}", trust.error().message);
    return trust.error().status;
  }
  return probe(server, *trust, ProbeReport::pin) ? kOk : kFailed;
}

}  // namespace dotkeep::supervisor
