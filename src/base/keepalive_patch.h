// The one place where the upstream's room touches a query: it knows no DNS, so the frontend leaves
// it a padding option whose first octets can become an offer to keep the connection (RFC 7828).
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace dotkeep {

// Makes the padding option (RFC 7830) at `padding_at`, which must be the last thing in `query`,
// into an empty edns-tcp-keepalive option and a padding option that is four octets shorter; the
// size of the message stays. Does nothing unless what lies there is just such an option with at
// least four octets of padding. Cost: a few stores.
inline void offer_keepalive(MutableOctets query, std::size_t padding_at) {
  constexpr std::size_t kOptionHeader = 4;
  constexpr std::uint8_t kTcpKeepalive = 11;
  constexpr std::uint8_t kPadding = 12;
  if (padding_at > query.size() || query.size() - padding_at < 2 * kOptionHeader) return;
  const MutableOctets option = query.subspan(padding_at);
  const std::size_t size = static_cast<std::size_t>(option[2]) << 8 | option[3];
  if (option[0] != 0 || option[1] != kPadding || size != option.size() - kOptionHeader) return;
  const std::size_t left = size - kOptionHeader;
  option[1] = kTcpKeepalive;
  option[2] = option[3] = 0;
  option[4] = 0;
  option[5] = kPadding;
  option[6] = static_cast<std::uint8_t>(left >> 8);
  option[7] = static_cast<std::uint8_t>(left);
}

}  // namespace dotkeep
