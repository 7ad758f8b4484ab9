// dotkeep: the command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "supervisor/commands.h"
#include "supervisor/complain.h"
#include "supervisor/standard_streams.h"

namespace {

using namespace dotkeep::supervisor;

constexpr const char* kAbout =
    "dotkeep takes plain DNS from a network and carries it to resolvers over DNS-over-TLS.\n"
    "\n"
    "  dotkeep run --listen 127.0.0.1:5353 --upstream '9.9.9.9:853#dns.quad9.net'\n"
    "  dig @127.0.0.1 -p 5353 example.com\n"
    "\n"
    "Exit status: 0 done; 1 not so; 64 usage; 69 something the system provides is missing;\n"
    "70 a fault of dotkeep's own; 74 the output could not be written;\n"
    "77 a required layer of containment is missing; 78 configuration error.";

// --config, --listen, --upstream and --pin, the same for every command that has a configuration:
// before the command and behind it.
void add_source(CLI::App& command, ConfigSource& source) {
  command.add_option("-c,--config", source.file,
                     std::string("configuration file (default ") + kDefaultConfig + ")");
  command
      .add_option("-l,--listen", source.overrides.listen,
                  "listen here, UDP and TCP, instead of [[listen]]; repeatable")
      ->type_name("ADDR:PORT")
      ->take_all();
  command
      .add_option_function<std::string>(
          "-u,--upstream",
          [&source](const std::string& server) {
            source.overrides.upstreams.push_back({server, {}});
          },
          "forward to this server instead of [[upstream]]; NAME is what its certificate must say; "
          "repeatable")
      ->type_name("ADDR:PORT#NAME")
      ->trigger_on_parse()
      ->take_last();
  command
      .add_option_function<std::string>(
          "-p,--pin",
          [&source](const std::string& pin) {
            if (source.overrides.upstreams.empty()) source.overrides.upstreams.push_back({"", {}});
            source.overrides.upstreams.back().pins.push_back(pin);
          },
          "SHA-256 of the public key of the --upstream before it, base64; repeatable")
      ->type_name("BASE64")
      ->trigger_on_parse()
      ->take_last();
}

int run_command_line(int argc, char** argv) {
  CLI::App app(kAbout, "dotkeep");
  app.set_version_flag("--version", [] {
    version_command();
    return std::string();
  });
  app.require_subcommand(0, 1);
  app.fallthrough();

  ConfigSource source;
  add_source(app, source);
  bool live = false;
  std::string upstream;
  std::string ca_file = "/etc/ssl/certs/ca-certificates.crt";
  std::string process;
  std::string address;

  CLI::App* run = app.add_subcommand("run", "serve (what happens without a command, too)");
  add_source(*run, source);
  CLI::App* check = app.add_subcommand(
      "check",
      "say everything that is wrong with a configuration, and what memory it can come to use");
  add_source(*check, source);
  check->add_flag("--live", live, "also do the handshake with every upstream, and show its pins");
  CLI::App* pin = app.add_subcommand(
      "pin", "show the pins of the chain that a server presents, and whether it verifies");
  pin->add_option("upstream", upstream, "the server")->type_name("ADDR:PORT#NAME")->required();
  pin->add_option("--ca-file", ca_file, "CA certificates, PEM")->capture_default_str();
  CLI::App* policy = app.add_subcommand("policy", "show what each process may do once sealed");
  policy->add_option("process", process,
                     "only this one: supervisor, frontend, upstream, connector, ...");
  int live_pid = 0;
  policy
      ->add_option("--live", live_pid,
                   "show instead what is in force in the running dotkeep with this process id (as "
                   "root, to see all)")
      ->type_name("PID");
  CLI::App* health =
      app.add_subcommand("health", "ask a running dotkeep; exit 0 when it answers queries");
  add_source(*health, source);
  health
      ->add_option("address", address,
                   "where it listens (default: the configuration's first listener)")
      ->type_name("ADDR:PORT");
  ControlTarget target;
  const auto add_target = [&target](CLI::App& command) {
    auto* const socket = command.add_option("--socket", target.socket, "its control socket");
    command.add_option("--pid", target.pid, "ask the dotkeep with this process id")
        ->check(CLI::PositiveNumber)
        ->excludes(socket);
  };
  bool json = false;
  bool addresses = false;
  std::string name;
  std::string suffix;
  CLI::App* status = app.add_subcommand(
      "status", "show a running dotkeep: processes, upstreams, cache, whom it refused");
  status->add_flag("--json", json, "as JSON");
  status->add_flag("--addresses", addresses, "show refused prefixes as they are, not masked");
  add_target(*status);
  CLI::App* cache = app.add_subcommand("cache", "what a running dotkeep keeps");
  cache->require_subcommand(1);
  CLI::App* flush = cache->add_subcommand("flush", "forget it, all or some names");
  // A script's variable that was never set is no wish to forget everything.
  const auto is_some = [](const std::string& text) {
    return text.empty() ? std::string("a name cannot be empty; the root is .") : std::string();
  };
  auto* const flush_name =
      flush->add_option("name", name, "only this name, all its types")->check(is_some);
  flush->add_option("--suffix", suffix, "only this name and all below it")
      ->check(is_some)
      ->excludes(flush_name);
  add_target(*flush);
  CLI::App* version = app.add_subcommand("version", "show the version and how it was built");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  if (*check) return check_command(source, live);
  if (*pin) return pin_command(upstream, ca_file);
  if (*policy && live_pid != 0) return live_command(live_pid);
  if (*policy) return policy_command(process);
  if (*health) return health_command(source, address);
  if (*status) return status_command(source, target, json, addresses);
  if (*flush) return flush_command(source, target, name, suffix);
  if (*version) return version_command();
  static_cast<void>(run);
  return run_command(source);
}

// Whether all that was printed has left: to a full disk it has not, and whoever reads half of it
// must be told.
bool output_is_whole() {
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (!fill_standard_streams()) return kUnavailable;
  int status = kSoftware;
  try {
    status = run_command_line(argc, argv);
  } catch (const std::exception& error) {
    if (output_is_whole()) complain("{}", error.what());
  }
  if (output_is_whole()) return status;
  complain("the output could not be written");
  return kCannotWrite;
}
