#include <algorithm>

#include "config/address_kind.h"
#include "config/draft.h"

namespace dotkeep::config {
namespace {

// An endpoint that could not be read has been reported and keeps port 0.
bool readable(const Endpoint& endpoint) {
  return endpoint.port != 0;
}

void complete_listeners(Draft& draft, Problems& problems) {
  std::vector<Listen>& listeners = draft.config.listeners;
  if (listeners.empty() && draft.listen_at.empty()) {
    listeners.push_back({*parse_endpoint("127.0.0.1", 53), true, true, {}, {}});
    draft.listen_at.push_back({"listen[0]"});
  }
  if (listeners.size() > kMaxListeners) {
    problems.error(0, "--listen", "is there more than " + std::to_string(kMaxListeners) + " times");
  }
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    const Listen& own = listeners[i];
    if (!readable(own.endpoint)) continue;
    const Place& place = draft.listen_at[i];
    if (const auto wrong = unusable_locally(own.endpoint)) {
      problems.error(place.line("address"), place.key("address"), *wrong);
    }
    for (std::size_t j = 0; j < i; ++j) {
      const Listen& other = listeners[j];
      const bool overlap = (own.udp && other.udp) || (own.tcp && other.tcp);
      if (other.endpoint != own.endpoint || !overlap) continue;
      problems.error(place.line("address"), place.key("address"),
                     "is " + own.endpoint.to_text() + ", which another listener has already");
      break;
    }
  }
}

void check_identity(const Draft& draft, std::size_t i, Problems& problems) {
  const Upstream& upstream = draft.config.upstreams[i];
  const Place& place = draft.upstream_at[i];
  if (!draft.identified[i]) {
    problems.error(place.line(""), place.path,
                   "has neither a name nor pins, so nothing could prove the server; give the name "
                   "in its certificate, or pins");
  }
  if (!upstream.name.empty() && draft.config.tls.ca_file.empty()) {
    problems.error(place.line("name"), place.key("name"),
                   "is to be proven by a CA, but tls.ca_file is empty");
  }
  if (upstream.name.empty() && upstream.pin_mode == PinMode::report) {
    problems.error(
        place.line("pin_mode"), place.key("pin_mode"),
        "is \"report\", but without a name nothing else proves the server; give the name "
        "in its certificate, or write \"enforce\"");
  }
  if (!upstream.name.empty() && upstream.pins.empty() && upstream.pin_mode == PinMode::report) {
    problems.warning(place.line("pin_mode"), place.key("pin_mode"),
                     "is \"report\", but there are no pins to report on");
  }
  if (upstream.name.empty() && upstream.ocsp == Ocsp::require) {
    problems.error(place.line("ocsp"), place.key("ocsp"),
                   "is \"require\", but without a name no CA is believed; give the name in the "
                   "server's certificate, or write \"must-staple\"");
  }
  if (upstream.pins.size() == 1) {
    problems.warning(
        place.line("pins"), place.key("pins"),
        "is one pin without a backup: the day the server's key changes, it is refused");
  }
}

void complete_upstreams(Draft& draft, Problems& problems) {
  std::vector<Upstream>& upstreams = draft.config.upstreams;
  const Value* const written = draft.file->find("upstream");
  if (upstreams.empty() && (written == nullptr || written->items.empty())) {
    problems.error(0, "upstream",
                   "there is none, and none is built in; add a DNS-over-TLS server:\n"
                   "    [[upstream]]\n    address = \"192.0.2.1:853\"\n    name = \"dns.example\"\n"
                   "or --upstream '192.0.2.1:853#dns.example'");
  }
  if (upstreams.size() > kMaxUpstreams) {
    problems.error(0, "--upstream",
                   "is there more than " + std::to_string(kMaxUpstreams) + " times");
  }
  for (std::size_t i = 0; i < upstreams.size(); ++i) {
    Upstream& upstream = upstreams[i];
    const Place& place = draft.upstream_at[i];
    if (upstream.id.empty()) upstream.id = "upstream-" + std::to_string(i + 1);
    if (readable(upstream.endpoint)) {
      if (const auto wrong = unusable_remotely(upstream.endpoint)) {
        problems.error(place.line("address"), place.key("address"), *wrong);
      }
    }
    const auto same = [&](const Upstream& other) { return other.id == upstream.id; };
    if (std::any_of(upstreams.begin(), upstreams.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      problems.error(place.line("id"), place.key("id"),
                     "is " + quoted(upstream.id) + ", which another upstream has already");
    }
    check_identity(draft, i, problems);
  }
}

void resolve(Draft& draft, std::size_t i, Problems& problems) {
  const RouteText& text = draft.routes[i];
  const Place& place = draft.route_at[i];
  const std::vector<Upstream>& upstreams = draft.config.upstreams;
  Route route{text.domain, {}};
  for (const std::string& id : text.upstreams) {
    const auto found = std::ranges::find(upstreams, id, &Upstream::id);
    const auto index = static_cast<std::size_t>(found - upstreams.begin());
    if (found == upstreams.end()) {
      const bool replaced = !upstreams.empty() && draft.upstream_at.front().table == nullptr;
      problems.error(place.line("upstreams"), place.key("upstreams"),
                     "names " + quoted(id) + ", which is no upstream's id" +
                         (replaced ? "; --upstream replaced those of the file" : ""));
    } else if (std::ranges::find(route.upstreams, index) != route.upstreams.end()) {
      problems.error(place.line("upstreams"), place.key("upstreams"),
                     "names " + quoted(id) + " twice");
    } else {
      route.upstreams.push_back(index);
    }
  }
  const auto same = [&](const Route& other) { return other.domain == route.domain; };
  if (!route.domain.empty() && std::ranges::any_of(draft.config.routes, same)) {
    problems.error(place.line("domain"), place.key("domain"),
                   "is " + quoted(route.domain) + ", which another route has already");
  }
  draft.config.routes.push_back(std::move(route));
}

void complete_routes(Draft& draft, Problems& problems) {
  for (std::size_t i = 0; i < draft.routes.size(); ++i) resolve(draft, i, problems);
  const std::size_t count = draft.config.upstreams.size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto takes = [&](const Route& route) {
      return std::ranges::find(route.upstreams, i) != route.upstreams.end();
    };
    if (std::ranges::none_of(draft.config.routes, takes)) return;
  }
  if (count == 0) return;
  problems.warning(draft.route_at.front().line("upstreams"), "route",
                   "every upstream belongs to a route, so all other names are answered SERVFAIL");
}

}  // namespace

void complete(Draft& draft, Problems& problems) {
  complete_listeners(draft, problems);
  complete_upstreams(draft, problems);
  complete_routes(draft, problems);
  complete_access(draft, problems);
  check_limits(draft, problems);
}

}  // namespace dotkeep::config
