// Names that mean something here and nothing to a resolver elsewhere (RFC 6761): they are answered
// here and never leave. Each group can be switched off, and a route wins over all of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dns/query.h"
#include "dns/reply.h"

namespace dotkeep::admission {

enum class Special : std::uint8_t {
  localhost,  // RFC 6761 section 6.3: this host
  invalid,    // RFC 6761 section 6.4
  test,       // RFC 6761 section 6.2
  local,      // RFC 6762: multicast DNS
  onion,      // RFC 7686
  home_arpa,  // RFC 8375
  resolver,   // RFC 9462: resolver.arpa, whose answer would be the upstream's
  reverse,    // RFC 6303 and RFC 7793: private and local addresses
};
inline constexpr std::size_t kSpecials = static_cast<std::size_t>(Special::reverse) + 1;
// As the configuration has them, at the same index.
inline constexpr std::array<std::string_view, kSpecials> kSpecialWords{
    "localhost", "invalid", "test", "local", "onion", "home.arpa", "resolver.arpa", "reverse"};

// Bit i: Special i is answered here.
using SpecialSet = std::uint16_t;
inline constexpr SpecialSet kAllSpecial = (1U << kSpecials) - 1;

struct SpecialName {
  Special special{};
  // Where in the wire form of the name its zone begins.
  std::size_t zone_at = 0;
};

// The special zone that the name is in, if any. Cost: for almost every name, a look at its last
// label.
[[nodiscard]] std::optional<SpecialName> find_special(const dns::Name& name);

// Whether the question is one for the zone's parent: the DS of a zone that is delegated without
// one, which who validates behind us needs to hear.
[[nodiscard]] bool is_for_the_parent(const dns::Question& question, const SpecialName& name);

// Memory for an answer: a zone's name for SOA and NS, thrice, and numbers.
using LocalRecords = std::array<std::uint8_t, 1024>;

// What a zone of ours answers (RFC 6303 section 3): nothing exists in it but SOA and NS at its top,
// and localhost's addresses.
[[nodiscard]] dns::Reply answer_special(const dns::Question& question, const SpecialName& name,
                                        LocalRecords& memory);

}  // namespace dotkeep::admission
