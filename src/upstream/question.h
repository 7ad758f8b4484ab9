// Whether a reply repeats the question that went out: octets held against our own octets, nothing
// parsed. What a reply says beyond that is the frontend's to read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace dotkeep::upstream {

// The octets of the name that a query of ours asks for, in lower case as the frontend wrote it;
// whole for telling names apart, not for reading. Empty when `padding_at` says nonsense.
[[nodiscard]] inline Octets name_of(Octets query, std::size_t padding_at) {
  constexpr std::size_t kBefore = 12;      // the header
  constexpr std::size_t kBehind = 4 + 11;  // type and class, and the OPT before its options
  if (padding_at < kBefore + 1 + kBehind || padding_at > query.size()) return {};
  return query.subspan(kBefore, padding_at - kBehind - kBefore);
}

// True when `reply`, of at least a header, says that it has one question and that is not the one of
// `query`, whose padding option begins at `padding_at`: as far as both go, for a reply that is cut
// short is no stranger but a bad answer. The name's case does not matter (RFC 1035 section 2.3.3).
// Cost: one pass over the question.
[[nodiscard]] inline bool asks_another(Octets query, std::size_t padding_at, Octets reply) {
  constexpr std::size_t kHeader = 12;
  constexpr std::size_t kTypeAndClass = 4;
  constexpr std::size_t kOpt = 11;  // before its options, the only thing behind our question
  if (padding_at < kHeader + 1 + kTypeAndClass + kOpt || padding_at > query.size()) return false;
  if (reply.size() < kHeader || reply[4] != 0 || reply[5] != 1) return false;
  const Octets ours = query.subspan(kHeader, padding_at - kOpt - kHeader);
  const Octets theirs = reply.subspan(kHeader);
  const std::size_t name = ours.size() - kTypeAndClass;
  const auto lower = [](std::uint8_t octet) {
    return octet >= 'A' && octet <= 'Z' ? octet | 0x20 : int{octet};
  };
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    const bool same = i < name ? lower(ours[i]) == lower(theirs[i]) : ours[i] == theirs[i];
    if (!same) return true;
  }
  return false;
}

}  // namespace dotkeep::upstream
