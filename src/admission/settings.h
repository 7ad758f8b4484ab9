// What admission is told by the configuration: [limits], [access] and [names] in its own terms.
#pragma once

#include <cstdint>
#include <vector>

#include "admission/special.h"
#include "base/ip_address.h"
#include "dns/name.h"

namespace dotkeep::admission {

enum class Cookies : std::uint8_t {
  off,
  answer,                // given to who asks, and believed
  require_under_attack,  // and asked for while a flood lasts
};

struct Settings {
  // Queries a second and at once of one client over UDP.
  std::uint32_t rate = 200;
  std::uint32_t burst = 400;
  // Of so many over the rate one is answered with TC=1; 0: none.
  std::uint32_t slip = 2;
  // Leading bits of an address that make a client.
  std::uint8_t prefix4 = 32;
  std::uint8_t prefix6 = 56;
  // How many clients' rates a /24 or a /48 may use; 0: any.
  std::uint32_t aggregate = 32;
  // Answers a second that are errors, of one client; names a second that do not exist, of one zone.
  std::uint32_t error_rate = 100;
  std::uint32_t suffix_rate = 500;
  // Questions a second that upstreams are asked for sources that may be forged, of all clients.
  std::uint32_t unproven_rate = 5'000;
  // Queries a second that may be forged, of all clients: more are a flood.
  std::uint32_t flood = 50'000;
  std::vector<IpPrefix> exempt;  // from all rates
  Cookies cookies = Cookies::answer;

  SpecialSet special = kAllSpecial;
  bool refuse_rebinding = true;
  std::vector<dns::Name> rebinding_except;  // domains, in lower case
  std::vector<dns::Name> routed;            // domains of routes: no special name, no rebinding
};

}  // namespace dotkeep::admission
