#include "config/draft.h"

namespace dotkeep::config {
namespace {

constexpr std::uint16_t kDnsPort = 53;      // RFC 1035 section 4.2
constexpr std::uint16_t kDnsOverTls = 853;  // RFC 7858 section 3.1

void apply_listen(const std::vector<std::string>& listen, Draft& draft, Problems& problems) {
  if (listen.empty()) return;
  draft.config.listeners.clear();
  draft.listen_at.clear();
  for (const std::string& text : listen) {
    const auto endpoint = parse_endpoint(text, kDnsPort);
    if (!endpoint) problems.error(0, "--listen", endpoint.error());
    draft.config.listeners.push_back({endpoint.value_or(Endpoint{}), true, true, {}, {}});
    draft.listen_at.push_back({"--listen " + quoted(text)});
  }
}

void apply_upstreams(const std::vector<Overrides::Server>& servers, Draft& draft,
                     Problems& problems) {
  if (servers.empty()) return;
  draft.config.upstreams.clear();
  draft.upstream_at.clear();
  draft.identified.clear();
  for (const Overrides::Server& server : servers) {
    if (server.server.empty()) {
      problems.error(0, "--pin", "belongs to the --upstream before it, and there is none");
      continue;
    }
    const std::string option = "--upstream " + quoted(server.server);
    auto upstream = parse_upstream_argument(server.server);
    if (!upstream) problems.error(0, "--upstream", upstream.error());
    Upstream& added = draft.config.upstreams.emplace_back(upstream.value_or(Upstream{}));
    for (const std::string& text : server.pins) {
      if (const auto pin = parse_pin(text)) {
        added.pins.push_back(*pin);
      } else {
        problems.error(0, "--pin", pin.error());
      }
    }
    draft.upstream_at.push_back({option});
    draft.identified.push_back(!upstream || !added.name.empty() || !server.pins.empty());
  }
}

}  // namespace

std::expected<Upstream, std::string> parse_upstream_argument(std::string_view text) {
  const std::size_t hash = text.find('#');
  const auto endpoint = parse_endpoint(text.substr(0, hash), kDnsOverTls);
  if (!endpoint) return std::unexpected(endpoint.error());
  Upstream upstream;
  upstream.endpoint = *endpoint;
  if (hash == std::string_view::npos) return upstream;
  upstream.name = text.substr(hash + 1);
  if (upstream.name.empty())
    return std::unexpected("is " + quoted(text) + " with no name behind the '#'");
  if (const Complaint complaint = check_server_name(upstream.name)) {
    return std::unexpected("has a name that " + *complaint);
  }
  return upstream;
}

void apply(const Overrides& overrides, Draft& draft, Problems& problems) {
  apply_listen(overrides.listen, draft, problems);
  apply_upstreams(overrides.upstreams, draft, problems);
}

}  // namespace dotkeep::config
