// A document to rules of one architecture and to a seccomp program, by libseccomp; and the proof
// that the program that is installed (policyc/program.h) means the same as both.
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

// What libseccomp makes of the rules: nobody's filter, but the second opinion on it.
[[nodiscard]] std::expected<std::vector<sock_filter>, Problem> reference_program(
    const Target& target);

// Runs the program on each rule's call and on its neighbours (one bit of one compared argument
// changed, every unnamed call, the other architectures). Empty: it does what the rules say, and
// looks at no argument of a call without conditions (such calls the kernel does not ask it about).
[[nodiscard]] std::vector<std::string> verify(const Target& target,
                                              std::span<const sock_filter> program);

// Runs both programs on every call by number, and on each call with conditions with all
// combinations of the values that any rule names, of which two are by one bit something else.
// Empty: no difference.
[[nodiscard]] std::vector<std::string> compare(const Target& target,
                                               std::span<const sock_filter> program,
                                               std::span<const sock_filter> reference);

// The architecture's names by number; empty where a number has none.
[[nodiscard]] std::vector<std::string> syscall_names(std::uint32_t architecture);

}  // namespace dotkeep::policyc
