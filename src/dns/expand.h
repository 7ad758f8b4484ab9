// Names in a message: label by label, through pointers, out into the open.
#pragma once

#include <array>
#include <cstdint>
#include <expected>

#include "base/bytes.h"
#include "dns/reply.h"
#include "dns/types.h"

namespace dotkeep::dns {

// An honest pointer leads to a label (RFC 1035 section 4.1.4: "a prior occurrence of the same
// name"). A few lead to another pointer; more than this in one name are there to be walked.
inline constexpr int kMaxBarePointers = 8;

struct ExpandedName {
  std::array<std::uint8_t, kMaxName> octets;
  std::size_t size = 0;
  std::size_t after = 0;  // where the message goes on
  [[nodiscard]] Octets wire() const { return {octets.data(), size}; }
};

enum class Pointers : bool { refuse, follow };

// Reads the name at `at` into `name`. What lies before the first pointer must end within `end`.
// Every pointer leads to before the place where its own run of labels began, but not into the
// header, and what it leads to ends before that place too, as a prior occurrence does: so each name
// ends, and none is made of what stands behind its beginning. ReplyFault::cut_short when the name
// reaches over `end`, else bad_name. Cost: linear in the name's 255 octets plus kMaxBarePointers.
[[nodiscard]] std::expected<void, ReplyFault> expand_name(Octets message, std::size_t at,
                                                          std::size_t end, Pointers pointers,
                                                          ExpandedName& name);

}  // namespace dotkeep::dns
