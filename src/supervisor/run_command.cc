// dotkeep run: bootstrap, then supervisor.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <set>
#include <thread>

#include "base/log.h"
#include "base/memfd.h"
#include "config/log_setup.h"
#include "policy/policies.h"
#include "sandbox/sandbox.h"
#include "supervisor/bootstrap.h"
#include "supervisor/commands.h"
#include "supervisor/network_notices.h"
#include "supervisor/signals.h"
#include "supervisor/standard_streams.h"
#include "supervisor/supervisor.h"
#include "supervisor/time_slice.h"

namespace dotkeep::supervisor {
namespace {

int refuse(const StartError& error) {
  log::error(error.message);
  return error.status;
}

std::vector<std::uint16_t> upstream_ports(const config::Config& config) {
  std::set<std::uint16_t> ports;
  for (const config::Upstream& upstream : config.upstreams) ports.insert(upstream.endpoint.port);
  return {ports.begin(), ports.end()};
}

// What needs the privilege that is gone, or is set in stone by the seal, cannot change in a running
// program.
bool can_change(const config::Config& from, const config::Config& to) {
  bool same = from.listeners.size() == to.listeners.size();
  for (std::size_t i = 0; same && i < from.listeners.size(); ++i) {
    const auto& a = from.listeners[i];
    const auto& b = to.listeners[i];
    same = a.endpoint == b.endpoint && a.udp == b.udp && a.tcp == b.tcp;
  }
  if (!same) {
    log::error(
        "reload refused: [[listen]] has changed, and the right to bind is gone; restart instead");
    return false;
  }
  if (from.process.user != to.process.user || from.process.frontends != to.process.frontends ||
      from.sandbox.require != to.sandbox.require) {
    log::error("reload refused: [process] or [sandbox] has changed; restart instead");
    return false;
  }
  if (from.metrics.listen != to.metrics.listen || from.control.socket != to.control.socket) {
    log::error("reload refused: metrics.listen or control.socket has changed; restart instead");
    return false;
  }
  const auto before = upstream_ports(from);
  for (const std::uint16_t port : upstream_ports(to)) {
    if (std::find(before.begin(), before.end(), port) == before.end()) {
      log::error(
          "reload refused: an upstream has a port that the sealed sandbox does not let through; "
          "restart instead",
          {{"port", port}});
      return false;
    }
  }
  return true;
}

void reload(const ConfigSource& source, config::Config& current, Family& family,
            ProcessTable& table, std::uint32_t frontends) {
  // Into the log, which may be JSON: nobody sits at a terminal.
  auto loaded = load_config(source, [](const std::string& problem) { log::error(problem); });
  if (!loaded) {
    log::error("reload refused: the configuration has errors; the old one stays in force");
    return;
  }
  if (!can_change(current, loaded->parsed.config)) return;
  auto trust = open_trust(loaded->parsed.config);
  if (!trust) {
    log::error("reload refused", {{"reason", trust.error().message}});
    return;
  }
  auto memfd = make_sealed_memfd("dotkeep-config", loaded->parsed.text);
  if (!memfd) {
    log::error("reload refused: the kernel gives no memfd");
    return;
  }
  family.reconfigure(std::move(*memfd), std::move(*trust));
  config::set_up_log("supervisor", loaded->parsed.config);
  const auto& before = current.limits;
  const auto& after = loaded->parsed.config.limits;
  if (before.pending != after.pending || before.tcp_clients != after.tcp_clients) {
    log::warning("limits.pending and limits.tcp_clients take effect at a restart only");
  }
  if (before.prefix4 != after.prefix4 || before.prefix6 != after.prefix6) {
    log::warning(
        "limits.prefix4 and limits.prefix6 are in force for rates; for connections and pending "
        "queries they take effect at a restart only");
  }
  if (current.cache.size != loaded->parsed.config.cache.size ||
      current.cache.file != loaded->parsed.config.cache.file) {
    log::warning("cache.size and cache.file take effect at a restart only");
  }
  if (before.cookie_secret_file != after.cookie_secret_file) {
    log::warning("limits.cookie_secret_file takes effect at a restart only");
  }
  for (const config::Problem& warning : loaded->parsed.warnings)
    log::warning(warning.to_text(loaded->file));
  current = loaded->parsed.config;
  table.configure(current, frontends);
  table.count_reload();
  log::info("reloaded", {{"file", loaded->file}});
}

}  // namespace

int run_command(const ConfigSource& source) {
  unblock_standard_error();
  auto loaded = load_config(source);
  if (!loaded) return kConfig;
  config::Config config = loaded->parsed.config;
  config::set_up_log("supervisor", config);
  for (const config::Problem& warning : loaded->parsed.warnings)
    log::warning(warning.to_text(loaded->file));

  const unsigned cores = std::thread::hardware_concurrency();
  const std::uint32_t frontends =
      config.process.frontends != 0 ? config.process.frontends : frontends_for(cores);
  ask_for_short_slices();
  Notifier notifier = Notifier::from_environment();
  Fd signals = open_signals();
  auto opened = open_all(config, loaded->file, frontends);
  if (!opened) return refuse(opened.error());
  auto memfd = make_sealed_memfd("dotkeep-config", loaded->parsed.text);
  if (!memfd || !signals) return refuse({kUnavailable, "the kernel gives no memfd or signalfd"});
  const auto own_namespace = become_unprivileged(config);
  if (!own_namespace) return refuse(own_namespace.error());

  for (const Listener& listener : opened->listeners)
    log::info("listening", {{"on", listener.what}});
  ProcessTable table(opened->pages.processes, monotonic_now());
  table.configure(config, frontends);
  Family family(std::move(opened->programs), std::move(opened->listeners),
                std::move(opened->memory), std::move(opened->pages), std::move(opened->control),
                std::move(*memfd), std::move(opened->trust), std::move(opened->null),
                std::move(opened->empty_root), *own_namespace);
  family.give_network(open_network_notices());
  std::vector<int> keep = family.descriptors();
  for (const int fd :
       {signals.get(), notifier.fd(), opened->kernel_log.fd(), opened->program_folder.get()}) {
    if (fd >= 0) keep.push_back(fd);
  }
  std::vector<sandbox::PathGrant> paths = {
      {opened->program_folder.get(), true, true}};  // execve opens for reading
  for (const Fd& folder : opened->readable) {
    keep.push_back(folder.get());
    paths.push_back({folder.get(), true, false});
  }
  const auto only_given = sandbox::keep_only(keep);
  if (!only_given) return refuse({kNotContained, "descriptors cannot be closed"});
  const std::vector<std::uint16_t> ports = upstream_ports(config);
  const auto sealed = sandbox::seal(policy::kSupervisor, *only_given, {ports, paths});
  if (!sealed) {
    return refuse({kNotContained, fmt::format("cannot be sealed: {}: {}", sealed.error().layer,
                                              std::strerror(sealed.error().error))});
  }
  if (const auto missing =
          sandbox::missing_layer(sealed->layers(), policy::kSupervisor, config.sandbox.require)) {
    return refuse({kNotContained, fmt::format("a required layer is missing: {}", *missing)});
  }
  log::info("sealed", {{"layers", sealed->layers().to_text()}});
  opened->readable.clear();  // Landlock has them now

  Supervisor supervisor(family, std::move(notifier), std::move(opened->kernel_log),
                        std::move(signals), table,
                        [&] { reload(source, config, family, table, frontends); });
  return supervisor.run(*sealed);
}

}  // namespace dotkeep::supervisor
