// dotkeep check [--live]
#include <fmt/format.h>

#include <thread>

#include "config/budget.h"
#include "supervisor/bootstrap.h"
#include "supervisor/commands.h"
#include "supervisor/complain.h"
#include "supervisor/costs.h"
#include "supervisor/probe.h"

namespace dotkeep::supervisor {
namespace {

std::string mebibytes(std::uint64_t octets) {
  return fmt::format("{:.1f} MiB", static_cast<double>(octets) / (1U << 20));
}

void print_budget(const config::Config& config) {
  const std::uint32_t frontends = config.process.frontends != 0
                                      ? config.process.frontends
                                      : frontends_for(std::thread::hardware_concurrency());
  const auto budgets = config::budget(config, kCosts, frontends);
  fmt::print("\nmemory, at worst:\n");
  for (const config::Budget& budget : budgets) {
    fmt::print("  {:<12} {:>10}{}\n", budget.process, mebibytes(budget.octets()),
               budget.copies > 1 ? fmt::format("  x {}", budget.copies) : "");
  }
  fmt::print("  {:<12} {:>10}\n", "in all", mebibytes(config::total(budgets)));
}

}  // namespace

int check_command(const ConfigSource& source, bool live) {
  const auto loaded = load_config(source);
  if (!loaded) return kConfig;
  const config::Config& config = loaded->parsed.config;
  for (const config::Problem& warning : loaded->parsed.warnings)
    fmt::print("{}\n", warning.to_text(loaded->file));
  fmt::print("{}: good: {} listener{}, {} upstream{}\n", loaded->file, config.listeners.size(),
             config.listeners.size() == 1 ? "" : "s", config.upstreams.size(),
             config.upstreams.size() == 1 ? "" : "s");
  print_budget(config);
  const auto trust = open_trust(config);
  if (!live) {
    // Not an error: the file may be checked on another machine than it is for.
    if (!trust) fmt::print("\nwarning: {}: 'run' would not start here\n", trust.error().message);
    return kOk;
  }
  if (!trust) {
    complain("{}", trust.error().message);
    return trust.error().status;
  }
  fmt::print("\nupstreams:\n");
  bool all = true;
  for (const config::Upstream& upstream : config.upstreams) {
    all = probe(upstream, *trust, ProbeReport::check) && all;
  }
  return all ? kOk : kFailed;
}

}  // namespace dotkeep::supervisor
