// What a person can ask of dotkeep: one function a command, each the exit status.
#pragma once

#include <optional>
#include <string>

#include "config/config.h"

namespace dotkeep::supervisor {

// Exit statuses, as in sysexits.h.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;  // the thing asked about is not so: not healthy, not verified
inline constexpr int kUsage = 64;  // the command line is wrong
inline constexpr int kUnavailable = 69;   // something the system should provide is missing
inline constexpr int kSoftware = 70;      // what nobody foresaw, such as no memory
inline constexpr int kCannotWrite = 74;   // to standard output
inline constexpr int kNotContained = 77;  // a layer that [sandbox] require names is missing
inline constexpr int kConfig = 78;        // the configuration is wrong

inline constexpr const char* kDefaultConfig = "/etc/dotkeep/dotkeep.toml";

struct ConfigSource {
  // The file; when absent, kDefaultConfig if it exists, or nothing when the command line says
  // enough.
  std::optional<std::string> file;
  config::Overrides overrides;
};

int run_command(const ConfigSource& source);
int check_command(const ConfigSource& source, bool live);
int pin_command(const std::string& upstream, const std::string& ca_file);
int policy_command(const std::string& process);
// What is in force in the running dotkeep whose supervisor is `pid`; kFailed where a process lacks
// what all must have.
int live_command(int pid);
int health_command(const ConfigSource& source, const std::string& address);
int version_command();

// Whom to ask: a socket, else that of a running dotkeep, else that of the configuration.
struct ControlTarget {
  std::string socket;
  int pid = 0;
};
int status_command(const ConfigSource& source, const ControlTarget& target, bool json,
                   bool addresses);
// Of one name, or of a name and all below it, or all.
int flush_command(const ConfigSource& source, const ControlTarget& target, const std::string& name,
                  const std::string& suffix);

struct Loaded {
  config::Parsed parsed;
  std::string file;  // what messages call it
};
// Takes what is wrong with a configuration, a problem at a time.
using Say = void (*)(const std::string& problem);
void say_on_standard_error(const std::string& problem);
// The configuration, or nothing after every error was said with line and key.
[[nodiscard]] std::optional<Loaded> load_config(const ConfigSource& source,
                                                Say say = say_on_standard_error);

}  // namespace dotkeep::supervisor
