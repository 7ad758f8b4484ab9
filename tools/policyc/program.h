// A target's rules as a seccomp program in few instructions, hot calls first.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "policyc/filter.h"

namespace dotkeep::policyc {

// Default KILL_PROCESS; another architecture and x32 are killed too.
//
// libseccomp's program of the same rules takes five or six instructions more for each call: it
// compares the number with the first of x32 (which no number that is allowed can be, so that it
// ends at the default anyway), and loads, masks and compares the upper half of an `int`, of which
// no bit counts.
//
// The first calls with conditions, in the order of their lines, are compared one by one; the rest
// by halving. Calls without conditions come behind them, whatever their lines: from Linux 5.11 on
// the kernel finds out which these are when the filter is installed, and never runs it for them.
[[nodiscard]] std::vector<sock_filter> write_program(const Target& target);

}  // namespace dotkeep::policyc
