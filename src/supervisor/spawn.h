// Starting a worker: a fresh process image from an opened program, with exactly the descriptors it
// is to have, at the numbers of ipc/descriptors.h, an empty environment, and the
// signals blocked that are for the supervisor to act on.
#pragma once

#include <sys/types.h>

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/confinement.h"

namespace dotkeep::supervisor {

struct Launch {
  int program = -1;                    // opened with O_PATH
  std::vector<std::string> arguments;  // argv, the program's name first
  std::vector<std::pair<int, int>>
      fds;                   // ours -> the number in the new process; 0..2 are given anyway
  int null_fd = -1;          // /dev/null, for 0 and 1
  bool keep_output = false;  // 1 stays ours: for tools that print what a person asked for
  // What to put around it; what of it there is, it finds as its last argument. Absent: nothing.
  std::optional<sandbox::Confinement> confinement;
  int root_fd = -1;  // the empty folder of Confinement::empty_root
};

// The process's id, or an errno; where namespaces are wanted and the kernel makes none, its errno.
// Each worker is exec'ed, so it has its own address-space layout and stack canary. In its
// namespaces it has every capability until exec, and none of any kind from then on: what runs there
// before is this file.
[[nodiscard]] std::expected<pid_t, int> launch(const Launch& what);

}  // namespace dotkeep::supervisor
