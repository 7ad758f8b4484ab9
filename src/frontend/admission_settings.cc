#include "frontend/admission_settings.h"

#include <algorithm>

#include "admission/rebinding.h"

namespace dotkeep::frontend {
namespace {

using admission::AccessList;

std::vector<IpPrefix> prefixes(const std::vector<config::Prefix>& from) {
  std::vector<IpPrefix> to;
  to.reserve(from.size());
  for (const config::Prefix& prefix : from) {
    to.push_back({IpAddress{prefix.family, prefix.address}, prefix.length});
  }
  return to;
}

// The configuration's parser has let through nothing that is no name.
std::vector<dns::Name> names(const std::vector<std::string>& from) {
  std::vector<dns::Name> to;
  for (const std::string& text : from) {
    if (const auto name = dns::Name::from_text(text)) to.push_back(name->lower());
  }
  return to;
}

admission::SpecialSet special_set(const std::vector<std::string>& words) {
  unsigned set = 0;
  for (std::size_t i = 0; i < admission::kSpecials; ++i) {
    if (std::ranges::find(words, admission::kSpecialWords[i]) != words.end()) set |= 1U << i;
  }
  return static_cast<admission::SpecialSet>(set);
}

static_assert(static_cast<int>(config::Cookies::require_under_attack) ==
              static_cast<int>(admission::Cookies::require_under_attack));

}  // namespace

admission::Settings admission_settings(const config::Config& config) {
  const auto& limits = config.limits;
  admission::Settings settings;
  settings.rate = limits.rate;
  settings.burst = limits.burst;
  settings.slip = limits.slip;
  settings.prefix4 = static_cast<std::uint8_t>(limits.prefix4);
  settings.prefix6 = static_cast<std::uint8_t>(limits.prefix6);
  settings.aggregate = limits.aggregate;
  settings.error_rate = limits.error_rate;
  settings.suffix_rate = limits.suffix_rate;
  settings.unproven_rate = limits.unproven_rate;
  settings.flood = limits.flood;
  settings.exempt = prefixes(limits.exempt);
  settings.cookies = static_cast<admission::Cookies>(limits.cookies);
  settings.special = special_set(config.names.special);
  settings.refuse_rebinding = config.names.refuse_rebinding;
  settings.rebinding_except = names(config.names.rebinding_except);
  for (const config::Route& route : config.routes) {
    if (const auto name = dns::Name::from_text(route.domain)) {
      settings.routed.push_back(name->lower());
    }
  }
  return settings;
}

ClientPrefixes client_prefixes(const config::Config& config) {
  return {static_cast<std::uint8_t>(config.limits.prefix4),
          static_cast<std::uint8_t>(config.limits.prefix6)};
}

admission::Gate make_gate(const config::Config& config, const std::vector<Listening>& listeners) {
  std::vector<std::optional<AccessList>> own;
  for (const Listening& listener : listeners) {
    const auto describes = [&](const config::Listen& listen) {
      return listen.endpoint.port == listener.at.port &&
             listen.endpoint.family == listener.at.ip.family &&
             listen.endpoint.address == listener.at.ip.octets &&
             (listener.tcp ? listen.tcp : listen.udp);
    };
    const auto found = std::ranges::find_if(config.listeners, describes);
    own.emplace_back();
    if (found == config.listeners.end() || (found->allow.empty() && found->deny.empty())) continue;
    own.back().emplace(prefixes(found->allow.empty() ? config.access.allow : found->allow),
                       prefixes(found->deny.empty() ? config.access.deny : found->deny));
  }
  return {AccessList(prefixes(config.access.allow), prefixes(config.access.deny)), std::move(own)};
}

std::uint64_t public_upstreams(const config::Config& config) {
  std::uint64_t set = 0;
  for (std::size_t i = 0; i < config.upstreams.size(); ++i) {
    const config::Endpoint& at = config.upstreams[i].endpoint;
    if (!admission::is_private(IpAddress{at.family, at.address})) set |= std::uint64_t{1} << i;
  }
  return set;
}

}  // namespace dotkeep::frontend
