// What the supervisor knows of the processes, in memory that it alone writes: which there are,
// since when, how often they were started anew and why. The control room reads it; the supervisor
// reads nothing of anybody's.
//
// A reader copies it between two equal even values of `version`.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace dotkeep::ipc {

inline constexpr std::size_t kMaxProcesses = 72;  // 64 frontends, the other rooms, the supervisor

enum class ProcessState : std::uint64_t { not_running, starting, sealed };

struct ProcessRow {
  std::array<char, 32> name;  // "frontend[0]", zeros behind it
  std::uint64_t pid;
  std::uint64_t state;       // a ProcessState
  std::uint64_t started_ns;  // on the monotonic clock
  std::uint64_t restarts;
  std::uint64_t budget;        // octets that it can come to use
  std::array<char, 64> death;  // why the one before it ended; empty: there was none
};

struct ProcessPage {
  static constexpr std::uint64_t kMagic = 0x3173'6f72'706b'6400;  // "\0dkpros1"
  std::uint64_t magic;
  std::atomic<std::uint64_t> version;
  std::array<char, 32> release;  // the version of dotkeep
  std::uint64_t rows;
  std::uint64_t reloads;
  std::uint64_t cache_size;  // cache.size, of all frontends together
  std::array<ProcessRow, kMaxProcesses> processes;
};

}  // namespace dotkeep::ipc
