// Runs something in a child of its own, because what a seal does cannot be undone.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

namespace dotkeep::test {

struct End {
  int exit = -1;   // exit status, or -1
  int signal = 0;  // what killed it, or 0
  friend bool operator==(const End&, const End&) = default;
};

inline constexpr End kKilledByFilter{-1, SIGSYS};

inline End exited(int status) {
  return {status, 0};
}

// `body` returns the exit status, below 256.
inline End in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return {};
  if (WIFSIGNALED(status)) return {-1, WTERMSIG(status)};
  return exited(WEXITSTATUS(status));
}

}  // namespace dotkeep::test
