// Everything that needs a right that will soon be gone: bind, open, become nobody. In this order,
// and nothing of a stranger's is read before the end of it.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "base/fd.h"
#include "config/config.h"
#include "supervisor/family.h"
#include "supervisor/listeners.h"
#include "supervisor/obituary.h"

namespace dotkeep::supervisor {

// What bootstrap opened.
struct Opened {
  std::vector<Listener> listeners;
  Family::Programs programs;
  Fd program_folder;         // for the right to execute what is in it
  std::vector<Fd> readable;  // folders of the configuration and of the CA file, for a reload
  Fd null;
  Fd empty_root;  // of the workers; may be missing
  Fd trust;       // memfd with the CA file
  FrontendMemory memory;
  SharedPages pages;
  ControlSockets control;
  KernelLog kernel_log;
};

// Why it cannot start, and the exit status that says so.
struct StartError {
  int status;
  std::string message;
};

// The CA file's content as a sealed memfd; empty when no upstream has a name to check.
[[nodiscard]] std::expected<Fd, StartError> open_trust(const config::Config& config);

// Binds and opens.
[[nodiscard]] std::expected<Opened, StartError> open_all(const config::Config& config,
                                                         const std::string& config_file,
                                                         std::uint32_t frontends);

// Becomes process.user when started as root, in a user namespace where there is one to be had;
// gives up every capability in any case. Whether it is in that namespace, without which a worker
// gets none: its owner would be the account, and whoever else has that account could look into it.
[[nodiscard]] std::expected<bool, StartError> become_unprivileged(const config::Config& config);

// How many frontends `process.frontends = 0` means on a machine with so many cores.
[[nodiscard]] std::uint32_t frontends_for(unsigned cores);

}  // namespace dotkeep::supervisor
