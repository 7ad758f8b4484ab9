// The C++ that the programs are linked with.
#pragma once

#include <linux/filter.h>

#include <span>
#include <string>
#include <vector>

#include "policyc/document.h"
#include "policyc/filter.h"

namespace dotkeep::policyc {

// The definition of policy::k<Room>, declared in policy/policies.h.
[[nodiscard]] std::string emit_policy(const Document& document, const Target& target,
                                      std::span<const sock_filter> program, bool overlay);

struct RoomText {
  Document document;  // united
  std::size_t allowed_syscalls = 0;
};

// The definitions of policy::texts() and policy::syscall_name(), declared in policy/texts.h and
// policy/syscall_names.h.
[[nodiscard]] std::string emit_texts(std::span<const RoomText> rooms, std::uint32_t architecture);

}  // namespace dotkeep::policyc
