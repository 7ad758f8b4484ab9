// Starting a worker: a fresh process image from an opened program, with exactly the descriptors it
// is to have, at the numbers of ipc/descriptors.h, an empty environment, and the
// signals blocked that are for the supervisor to act on.
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace dotkeep::supervisor {

struct Launch {
  int program = -1;                    // opened with O_PATH
  std::vector<std::string> arguments;  // argv, the program's name first
  std::vector<std::pair<int, int>>
      fds;                   // ours -> the number in the new process; 0..2 are given anyway
  int null_fd = -1;          // /dev/null, for 0 and 1
  bool keep_output = false;  // 1 stays ours: for tools that print what a person asked for
};

// The process's id, or an errno. Each worker is exec'ed, so it has its own address-space layout and
// stack canary.
[[nodiscard]] std::expected<pid_t, int> launch(const Launch& what);

}  // namespace dotkeep::supervisor
