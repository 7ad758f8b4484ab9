// Runs a seccomp program as the kernel would, so that it can be held against what the policy says,
// at build time.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace dotkeep::policyc {

struct Outcome {
  std::uint32_t action = 0;  // SECCOMP_RET_*, with its data
  std::size_t steps = 0;     // instructions that it took
  bool looked = false;       // at an argument
};

// Nothing: the program is none that policyc or libseccomp makes (it jumps out, or an instruction is
// unknown). Only the instructions that these consist of are known: absolute 32-bit loads, AND,
// jumps, return of a constant.
[[nodiscard]] std::optional<Outcome> run_filter(std::span<const sock_filter> program,
                                                const seccomp_data& call);

}  // namespace dotkeep::policyc
