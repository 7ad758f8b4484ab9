// Whether a server is who the Identity asks for: all of our own checks over what it presented.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tls/anchors.h"
#include "tls/path.h"
#include "tls/session.h"

namespace dotkeep::tls {

struct Verdict {
  Fault fault;
  std::array<bool, kMaxPresented> in_path{};
  std::int64_t leaf_not_after = 0;
  int matched_pin = -1;  // the lowest number of a pin whose key is on the path
};

// `presented`: DER, the server's own first. `now` in seconds since the epoch. An Identity with
// neither name nor pins is not authenticated by anything and always at fault.
[[nodiscard]] Verdict verify(std::span<const Octets> presented, const Identity& identity,
                             const Anchors& anchors, std::int64_t now);

// For people: what each presented certificate says of itself.
[[nodiscard]] std::vector<PresentedCertificate> describe(
    std::span<const Octets> presented, const std::array<bool, kMaxPresented>& in_path);

}  // namespace dotkeep::tls
