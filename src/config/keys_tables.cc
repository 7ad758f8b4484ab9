// The key tables of what can be repeated: [[listen]], [[upstream]], [[route]].
#include <array>

#include "config/key.h"

namespace dotkeep::config {
namespace {

using Word = std::string_view;
constexpr std::array<Word, 3> kPostQuantum{"prefer", "require", "off"};  // enum PostQuantum
constexpr std::array<Word, 2> kPinMode{"enforce", "report"};             // enum PinMode
constexpr std::array<Word, 2> kOcsp{"must-staple", "require"};           // enum Ocsp
constexpr std::array<Word, 2> kProtocols{"udp", "tcp"};

constexpr Bounds kWeight{1, 1000, "shares finer than a thousandth show in no measurement"};
constexpr Bounds kPriority{0, 255, "tiers are few; the number is one octet"};
constexpr Bounds kPins{0, 8, "the key in use and a few that are to follow it"};
constexpr Bounds kRouteUpstreams{1, kMaxUpstreams, "there are no more upstreams than that"};

constexpr std::array<KeyOf<Listen>, 4> kListen{{
    {{.section = "listen",
      .name = "address",
      .about = "Address and port to answer on; `0.0.0.0` and `[::]` stand for every address.",
      .port = 53,
      .required = true},
     [](Listen& l) -> Slot { return &l.endpoint; }},
    {{.section = "listen",
      .name = "protocols",
      .about = "Which transports to answer on.",
      .words = kProtocols},
     [](Listen& l) -> Slot { return &l; }},
    {{.section = "listen",
      .name = "allow",
      .about = "Prefixes of clients that may ask on this address, in place of `access.allow`.",
      .bounds = kPrefixes,
      .otherwise = "`access.allow` decides"},
     [](Listen& l) -> Slot { return &l.allow; }},
    {{.section = "listen",
      .name = "deny",
      .about = "Prefixes of clients that may not, in place of `access.deny`.",
      .bounds = kPrefixes,
      .otherwise = "`access.deny` decides"},
     [](Listen& l) -> Slot { return &l.deny; }},
}};

constexpr std::array<KeyOf<Upstream>, 9> kUpstream{{
    {{.section = "upstream",
      .name = "id",
      .about = "What routes, the log and counters call it.",
      .check = check_id,
      .otherwise = "`upstream-1`, `upstream-2`, ... by position"},
     [](Upstream& u) -> Slot { return &u.id; }},
    {{.section = "upstream",
      .name = "address",
      .about =
          "Address and port of the server; never a name, since nothing is looked up in the clear.",
      .port = 853,
      .required = true},
     [](Upstream& u) -> Slot { return &u.endpoint; }},
    {{.section = "upstream",
      .name = "name",
      .about = "The name (or IP address) that the server's certificate must prove, and the SNI "
               "that is sent.",
      .check = check_server_name,
      .otherwise = "`pins` alone decide"},
     [](Upstream& u) -> Slot { return &u.name; }},
    {{.section = "upstream",
      .name = "pins",
      .about = "SHA-256 of public keys (SPKI) in base64, of which one must be in the server's "
               "verified path; "
               "`dotkeep pin` prints them. The first is that of the key in use, the others are "
               "backups: give one.",
      .bounds = kPins,
      .otherwise = "`name` and the CAs of `tls.ca_file` decide"},
     [](Upstream& u) -> Slot { return &u.pins; }},
    {{.section = "upstream",
      .name = "post_quantum",
      .about =
          "Whether the key exchange must resist quantum computers (X25519MLKEM768): offered first, "
          "insisted on, or not offered.",
      .words = kPostQuantum},
     [](Upstream& u) -> Slot { return choice(u.post_quantum); }},
    {{.section = "upstream",
      .name = "pin_mode",
      .about = "What becomes of a server that `name` and CA prove while no pin matches: it is not "
               "used, or it is used and that is logged and counted.",
      .words = kPinMode},
     [](Upstream& u) -> Slot { return choice(u.pin_mode); }},
    {{.section = "upstream",
      .name = "ocsp",
      .about = "When a stapled OCSP response must come and say that the certificate is good: where "
               "the certificate promises one, or always. A proven \"revoked\" always counts.",
      .words = kOcsp},
     [](Upstream& u) -> Slot { return choice(u.ocsp); }},
    {{.section = "upstream",
      .name = "weight",
      .about = "Its share of the queries beside the weights of others, unless `query.select` is "
               "`ordered` or `round-robin`.",
      .bounds = kWeight},
     [](Upstream& u) -> Slot { return &u.weight; }},
    {{.section = "upstream",
      .name = "priority",
      .about = "Only upstreams of the lowest number are asked while one of them is not down.",
      .bounds = kPriority},
     [](Upstream& u) -> Slot { return &u.priority; }},
}};

constexpr std::array<KeyOf<RouteText>, 2> kRoute{{
    {{.section = "route",
      .name = "domain",
      .about = "The domain; the longest that matches a question decides.",
      .check = check_domain,
      .required = true},
     [](RouteText& r) -> Slot { return &r.domain; }},
    {{.section = "route",
      .name = "upstreams",
      .about = "Ids of the upstreams that are asked, and that are asked for nothing else.",
      .bounds = kRouteUpstreams,
      .check = check_id,
      .required = true},
     [](RouteText& r) -> Slot { return &r.upstreams; }},
}};

}  // namespace

std::span<const KeyOf<Listen>> listen_keys() {
  return kListen;
}
std::span<const KeyOf<Upstream>> upstream_keys() {
  return kUpstream;
}
std::span<const KeyOf<RouteText>> route_keys() {
  return kRoute;
}

}  // namespace dotkeep::config
