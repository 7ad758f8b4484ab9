// The names that values may have in a policy.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dotkeep::policyc {

// A flag or constant. Only those that are the same number on x86-64 and AArch64 are known, so that
// a policy may be compiled on one for the other.
[[nodiscard]] std::optional<std::uint64_t> find_symbol(std::string_view name);

// "ENOMEM" to 12.
[[nodiscard]] std::optional<std::uint64_t> find_error(std::string_view name);

// "NPROC" to RLIMIT_NPROC.
[[nodiscard]] std::optional<int> find_resource(std::string_view name);

}  // namespace dotkeep::policyc
