// dotkeep policy [PROCESS]: rights are text, and this is the text that is compiled in.
#include <fmt/format.h>

#include <cstdio>

#include "policy/texts.h"
#include "supervisor/commands.h"

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
  fmt::print(stderr, "dotkeep: there is no process '{}'; there are:", process);
  for (const policy::Text& text : policy::texts()) fmt::print(stderr, " {}", text.room);
  fmt::print(stderr, "\n");
  return kUsage;
}

}  // namespace dotkeep::supervisor
