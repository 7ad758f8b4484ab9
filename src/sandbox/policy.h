// What policyc makes of a policy file.
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace dotkeep::sandbox {

struct Rlimit {
  int resource = 0;         // RLIMIT_*
  std::uint64_t value = 0;  // soft and hard
};

struct Policy {
  std::string_view room;                // "frontend"
  std::span<const sock_filter> filter;  // seccomp program
  std::size_t allowed_syscalls = 0;     // how many distinct system calls it allows
  std::span<const Rlimit> rlimits;
  bool landlock_files = false;    // no file may be opened, made, removed, ... but Grants::paths
  bool landlock_network = false;  // no TCP bind; no TCP connect but to Grants::connect_ports
  bool landlock_scopes = false;   // no abstract Unix sockets, no signals to processes outside
  bool namespaces = false;        // namespaces of its own, made by who started it
  bool empty_network = false;     // among them a network without an interface
  bool empty_root = false;        // a root folder in which nothing is and nothing can be made
  bool memory_locked = false;     // no page of it is ever written to swap
  bool no_memory = false;         // mmap, brk, mremap, mprotect and madvise are not allowed
  bool overlay = false;           // a sanitizer's overlay is in it
};

}  // namespace dotkeep::sandbox
