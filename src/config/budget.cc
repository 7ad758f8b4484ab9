#include "config/budget.h"

#include <algorithm>
#include <limits>

namespace dotkeep::config {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::uint64_t add(std::uint64_t a, std::uint64_t b) {
  return a > kMost - b ? kMost : a + b;
}

std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > kMost / b ? kMost : a * b;
}

}  // namespace

std::uint64_t Part::octets() const {
  return multiply(count, each);
}

std::uint64_t Budget::octets() const {
  std::uint64_t sum = 0;
  for (const Part& part : parts) sum = add(sum, part.octets());
  return sum;
}

std::vector<Budget> budget(const Config& config, const Costs& costs, std::uint32_t frontends) {
  const std::uint64_t copies = std::max<std::uint64_t>(frontends, 1);
  const auto share = [&](std::uint64_t whole) { return (whole + copies - 1) / copies; };
  const bool named = std::ranges::any_of(
      config.upstreams, [](const Upstream& upstream) { return !upstream.name.empty(); });
  const std::uint64_t servers = config.upstreams.size();
  const bool watched = !config.control.socket.empty() || !config.metrics.listen.empty();
  return {
      {"supervisor", 1, {{"program", 1, costs.supervisor.fixed}}},
      {"frontend",
       copies,
       {{"program", 1, costs.frontend.fixed},
        {"unanswered queries", share(config.limits.pending), costs.frontend.pending},
        {"TCP clients", share(config.limits.tcp_clients), costs.frontend.tcp_client},
        {"listeners", config.listeners.size(), costs.frontend.listener},
        {"routes", config.routes.size(), costs.frontend.route},
        {"cache", costs.frontend.cache ? 1U : 0U, config.cache.size / copies}}},
      {"upstream",
       1,
       {{"program", 1, costs.upstream.fixed},
        {"servers", servers, costs.upstream.server},
        {"queries in flight", config.limits.pending, costs.upstream.pending},
        {"trust anchors", named ? 1U : 0U, costs.upstream.anchors}}},
      {"connector",
       1,
       {{"program", 1, costs.connector.fixed}, {"servers", servers, costs.connector.server}}},
      {"control",
       watched ? 1U : 0U,
       {{"program", 1, costs.control.fixed},
        {"frontends", copies, costs.control.frontend},
        {"servers", servers, costs.control.server}}},
  };
}

std::uint64_t total(const std::vector<Budget>& budgets) {
  std::uint64_t sum = 0;
  for (const Budget& budget : budgets) sum = add(sum, multiply(budget.octets(), budget.copies));
  return sum;
}

}  // namespace dotkeep::config
