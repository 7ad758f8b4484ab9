// Which layers of the sandbox are in force, for the log and for [sandbox] require.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sandbox/policy.h"

namespace dotkeep::sandbox {

struct Layers {
  bool no_new_privs = false;
  bool capabilities = false;  // none effective, permitted, inheritable, ambient or in the bounding
                              // set
  bool seccomp = false;
  bool landlock_files = false;
  bool landlock_network = false;
  bool landlock_scopes = false;
  bool mdwe = false;  // PR_SET_MDWE: no memory both writable and executable
  bool not_dumpable = false;
  bool descriptors = false;    // all but the given ones were closed
  bool no_memory = false;      // part of seccomp; the supervisor's filter cannot have it
  bool mseal = false;          // the program's code and constants can never be mapped anew
  bool namespaces = false;     // user, mount, process, IPC, host name, control group: its own
  bool empty_network = false;  // in a network namespace without an interface
  bool empty_root = false;     // its root folder is empty and stays so
  bool memory_locked = false;  // its memory is never written to swap
  bool speculation = false;    // what a process may switch off of it is off; cannot be required
  int landlock_abi = 0;

  // By the names that `require` uses; an unknown name is not in force.
  [[nodiscard]] bool has(std::string_view layer) const;
  // "no_new_privs capabilities seccomp landlock(7):files,network,scopes mdwe ...".
  [[nodiscard]] std::string to_text() const;
};

// Names that [sandbox] require may list. "landlock" is files, network and scopes together. Besides
// these, "all" means each of them that the process's policy has a place for: the supervisor has no
// namespaces, the connector a network.
[[nodiscard]] std::span<const std::string_view> layer_names();

// The first of `require` that `policy` has a place for and that is not in force ("all" names the
// one that is missing), or nothing.
[[nodiscard]] std::optional<std::string_view> missing_layer(const Layers& layers,
                                                            const Policy& policy,
                                                            std::span<const std::string> require);

}  // namespace dotkeep::sandbox
