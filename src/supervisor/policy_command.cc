// dotkeep policy [PROCESS]: rights are text, and this is the text that is compiled in.
#include <fmt/format.h>

#include <cstdio>

#include "policy/texts.h"
#include "supervisor/commands.h"
#include "supervisor/complain.h"
#include "supervisor/live.h"

namespace dotkeep::supervisor {

int policy_command(const std::string& process) {
  if (process.empty()) {
    fmt::print("{:<12} system calls\n", "process");
    for (const policy::Text& text : policy::texts())
      fmt::print("{:<12} {}\n", text.room, text.allowed_syscalls);
    fmt::print("\n");
  }
  bool found = false;
  for (const policy::Text& text : policy::texts()) {
    if (!process.empty() && process != text.room && process != fmt::format("dotkeep-{}", text.room))
      continue;
    found = true;
    fmt::print("# {}: {} system calls\n{}\n", text.room, text.allowed_syscalls, text.text);
  }
  if (found) return kOk;
  std::string rooms;
  for (const policy::Text& text : policy::texts()) rooms += fmt::format(" {}", text.room);
  complain("there is no process '{}'; there are:{}", process, rooms);
  return kUsage;
}

int live_command(int pid) {
  std::vector<pid_t> processes = children_of(pid);
  processes.insert(processes.begin(), pid);
  const std::string name = name_of(pid);
  if (name.empty()) {
    complain("there is no process {}", pid);
    return kUsage;
  }
  bool sealed = processes.size() > 1;
  for (const pid_t each : processes) {
    const auto report = look_at(each);
    if (!report) continue;  // it ended meanwhile
    fmt::print("{} (process {})\n", name_of(each), each);
    for (const Seen& seen : *report) {
      fmt::print("  {:<14} {}{}\n", seen.layer, seen.missing ? "MISSING: " : "", seen.what);
      sealed = sealed && !seen.missing;
    }
    fmt::print("\n");
  }
  fmt::print(
      "Landlock, MDWE and mseal cannot be seen from outside: the log lines \"sealed\" tell "
      "them.\n");
  if (processes.size() == 1) {
    complain("process {} ({}) has no workers", pid, name);
  }
  return sealed ? kOk : kFailed;
}

}  // namespace dotkeep::supervisor
