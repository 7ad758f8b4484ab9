// Whether a server is who the Identity asks for: all of our own checks over what it presented.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
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
  std::string unpinned;  // the pins seen, where pins are only reported on and none matched
  bool undated = false;  // believed by its pin, whatever its dates say
  bool dated = false;    // proven by its name, with every date on the path
  Octets issuer;         // of the server's own certificate, DER; empty in the pinned profile
};

// `presented`: DER, the server's own first. `now` in seconds since the epoch. An Identity with
// neither name nor pins is not authenticated by anything and always at fault. Views in the verdict
// are of what was presented and of the anchors.
[[nodiscard]] Verdict verify(std::span<const Octets> presented, const Identity& identity,
                             const Anchors& anchors, std::int64_t now);

// What the `staple` (empty: none came) says of the server's own certificate, once verify() found it
// good. Always content without a name to prove, and where dates do not count.
[[nodiscard]] Fault verify_status(Octets staple, Octets leaf, const Verdict& verdict,
                                  const Identity& identity, std::int64_t now);

// For people: what each presented certificate says of itself.
[[nodiscard]] std::vector<PresentedCertificate> describe(
    std::span<const Octets> presented, const std::array<bool, kMaxPresented>& in_path);

}  // namespace dotkeep::tls
