// Starts a worker as the supervisor does, to make one attempt, and looks at how it ends.
#pragma once

#include <string>

#include "escape/attempt.h"

namespace dotkeep::escape {

struct Program {
  Room room{};
  const char* name;  // "frontend"
};

enum class Ending : std::uint8_t {
  killed_by_filter,  // SIGSYS
  killed,            // another signal: what was tried is what no memory allows
  refused,           // the call returned an error
  succeeded,
  no_such_attempt,
  not_tried,  // the worker ended before it was to make the attempt
};

// What a worker needs around it, made once.
class Surroundings {
 public:
  Surroundings();
  ~Surroundings();
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  // `folder`: where the stand-ins are. `sealed`: the room's stand-in; else the same attempt by an
  // ordinary process.
  Ending make(const Program& program, std::size_t number, bool sealed, const std::string& folder);

 private:
  void lay_out(const Program& program, bool sealed) const;

  std::string folder_;
  int server_ = -1;
  std::uint16_t port_ = 0;
  pid_t sibling_ = 0;
};

}  // namespace dotkeep::escape
