// A document to a seccomp program, by libseccomp, and the proof that the program means the same.
#pragma once

#include <linux/filter.h>

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policyc/document.h"
#include "policyc/rules.h"

namespace dotkeep::policyc {

// What is left of a document for one architecture.
struct Target {
  std::uint32_t architecture = 0;  // SCMP_ARCH_*, which is AUDIT_ARCH_*
  std::vector<Rule> rules;         // of the run section, simplified, in order
  std::vector<Answer> answers;
  [[nodiscard]] std::size_t allowed_syscalls() const;  // distinct names
  [[nodiscard]] int number(std::string_view syscall) const;
};

// "x86_64", "aarch64" or "native". An error for each line whose names the architecture lacks,
// unless the line says where-present (libseccomp would drop it and say nothing).
[[nodiscard]] std::expected<Target, std::vector<Problem>> resolve(const Document& document,
                                                                  std::string_view architecture);

// Default KILL_PROCESS; another architecture and x32 are killed too. System calls come in the order
// of their first line, so the hot ones pass after few instructions.
[[nodiscard]] std::expected<std::vector<sock_filter>, Problem> compile(const Target& target);

// Runs the program on each rule's call and on its neighbours (one bit of one compared argument
// changed, every unnamed call, the other architectures). Empty: it does what the rules say.
[[nodiscard]] std::vector<std::string> verify(const Target& target,
                                              std::span<const sock_filter> program);

// The architecture's names by number; empty where a number has none.
[[nodiscard]] std::vector<std::string> syscall_names(std::uint32_t architecture);

}  // namespace dotkeep::policyc
