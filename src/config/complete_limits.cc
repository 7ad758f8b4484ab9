// Who may ask and how much: what the keys of [access], [limits] and [cache] say together.
#include <algorithm>

#include "config/address_kind.h"
#include "config/draft.h"

namespace dotkeep::config {
namespace {

// Unless limits.unproven_rate is written: the rates of so many clients that use all of theirs on
// names that nobody has asked for.
constexpr std::uint32_t kUnprovenClients = 25;
constexpr std::uint32_t kRateWithoutLimit = 1'000'000;

constexpr std::array<Prefix, 2> kEveryone{{{4, {}, 0}, {6, {}, 0}}};

void check_world(const Draft& draft, const std::vector<Prefix>& allow, std::uint32_t line,
                 const std::string& key, Problems& problems) {
  for (const Prefix& prefix : allow) {
    if (draft.config.access.open || !opens_to_the_world(prefix)) continue;
    problems.error(line, key,
                   "has " + prefix.to_text() +
                       ", which opens dotkeep to the world; if that is meant, write access.open = "
                       "\"yes, to everyone\"");
  }
}

}  // namespace

void complete_access(Draft& draft, Problems& problems) {
  auto& access = draft.config.access;
  for (std::size_t i = 0; i < draft.config.listeners.size(); ++i) {
    const Place& place = draft.listen_at[i];
    check_world(draft, draft.config.listeners[i].allow, place.line("allow"), place.key("allow"),
                problems);
  }
  if (access.open) {
    // Those who decide look at `allow` alone.
    for (const Prefix& prefix : kEveryone) {
      if (std::ranges::find(access.allow, prefix) == access.allow.end()) {
        access.allow.push_back(prefix);
      }
    }
    problems.warning(draft.line_of("access", "open"), "access.open",
                     "lets the whole Internet ask: an open resolver is used for attacks on others");
    return;
  }
  const std::uint32_t line = draft.line_of("access", "allow");
  check_world(draft, access.allow, line, "access.allow", problems);
  if (access.allow.empty()) {
    problems.warning(line, "access.allow", "is empty, so nobody may ask");
  }
}

void check_limits(Draft& draft, Problems& problems) {
  auto& limits = draft.config.limits;
  if (draft.line_of("limits", "unproven_rate") == 0) {
    limits.unproven_rate =
        std::min(limits.rate, kRateWithoutLimit / kUnprovenClients) * kUnprovenClients;
  }
  const auto at_most = [&](std::string_view name, std::uint32_t value, std::string_view whole_name,
                           std::uint32_t whole) {
    if (value <= whole) return;
    // The one that was written is to be blamed; the other may be a default.
    const bool own = draft.line_of("limits", name) != 0;
    problems.error(draft.line_of("limits", own ? name : whole_name),
                   "limits." + std::string(own ? name : whole_name),
                   "leaves " + std::string(name) + " = " + std::to_string(value) + " above " +
                       std::string(whole_name) + " = " + std::to_string(whole) +
                       "; one client may not have more than all");
  };
  if (limits.burst < limits.rate / 100) {
    problems.warning(
        draft.line_of("limits", "burst"), "limits.burst",
        "is less than what comes in 10 ms at limits.rate, so the rate is hardly reached");
  }
  at_most("pending_per_client", limits.pending_per_client, "pending", limits.pending);
  at_most("tcp_per_client", limits.tcp_per_client, "tcp_clients", limits.tcp_clients);
  if (draft.config.cache.min_ttl > draft.config.cache.max_ttl) {
    problems.error(draft.line_of("cache", "min_ttl"), "cache.min_ttl",
                   "is longer than cache.max_ttl");
  }
}

}  // namespace dotkeep::config
