// dotkeep policy --live: what the kernel says is in force in running processes.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dotkeep::supervisor {

// One line of the report: a layer as in docs/layers.md and what /proc shows of it.
struct Seen {
  std::string layer;
  std::string what;
  bool missing = false;  // it is shown not to be in force, where each process must have it
};

// What is in force in process `pid`, by the files below `proc` (another folder in tests). Nothing:
// there is no such process. Namespaces, root folder and descriptors can be seen by root only, and
// say so otherwise.
[[nodiscard]] std::optional<std::vector<Seen>> look_at(pid_t pid,
                                                       const std::string& proc = "/proc");

// The processes whose parent is `pid`, in order.
[[nodiscard]] std::vector<pid_t> children_of(pid_t pid, const std::string& proc = "/proc");

// The name that a process was started by: "dotkeep-frontend"; empty: there is no such process.
[[nodiscard]] std::string name_of(pid_t pid, const std::string& proc = "/proc");

// The value of a line "KEY:\tVALUE" of /proc/PID/status; empty where it has none.
[[nodiscard]] std::string status_field(std::string_view status, std::string_view key);

}  // namespace dotkeep::supervisor
