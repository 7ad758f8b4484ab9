// The key table.
#include <array>
#include <chrono>

#include "config/key.h"

namespace dotkeep::config {
namespace {

constexpr std::uint64_t ns(Duration duration) {
  return static_cast<std::uint64_t>(duration.count());
}
constexpr Duration kMillisecond = std::chrono::milliseconds(1);
constexpr Duration kSecond = std::chrono::seconds(1);
constexpr Duration kDay = std::chrono::hours(24);

using Word = std::string_view;
constexpr std::array<Word, 3> kPostQuantum{"prefer", "require", "off"};      // enum PostQuantum
constexpr std::array<Word, 3> kSelect{"fastest", "ordered", "round-robin"};  // enum Select
constexpr std::array<Word, 4> kLevel{"error", "warning", "info", "debug"};   // enum LogLevel
constexpr std::array<Word, 2> kFormat{"text", "json"};                       // enum LogFormat
constexpr std::array<Word, 2> kOffOn{"off", "on"};
constexpr std::array<Word, 2> kConsent{"no", "yes, to everyone"};
constexpr std::array<Word, 2> kProtocols{"udp", "tcp"};
constexpr std::array<Word, 17> kLayers{"no_new_privs",
                                       "capabilities",
                                       "seccomp",
                                       "landlock",
                                       "landlock_files",
                                       "landlock_network",
                                       "landlock_scopes",
                                       "mdwe",
                                       "not_dumpable",
                                       "descriptors",
                                       "no_memory",
                                       "mseal",
                                       "namespaces",
                                       "empty_network",
                                       "empty_root",
                                       "memory_locked",
                                       "all"};

constexpr Bounds kFrontends{0, kMaxFrontends, "each is a process; 0 lets dotkeep choose"};
constexpr Bounds kPins{0, 8, "the key in use and a few that are to follow it"};
constexpr Bounds kRouteUpstreams{1, kMaxUpstreams, "there are no more upstreams than that"};
constexpr Bounds kPrefixes{0, 1024, "the list is looked through for every query"};
constexpr Bounds kLayerCount{0, kLayers.size(), "there are no more layers than that"};
constexpr Bounds kTimeout{
    ns(100 * kMillisecond), ns(60 * kSecond),
    "below it no TLS handshake across an ocean ends; beyond it no client waits"};
constexpr Bounds kCacheSize{0, std::uint64_t{64} << 30,
                            "it is reserved at start; 0KiB is no cache"};
constexpr Bounds kStale{0, ns(7 * kDay), "RFC 8767 section 5 advises one to three days"};
constexpr Bounds kMinTtl{0, ns(3600 * kSecond),
                         "longer overrules the owners of names for too long"};
constexpr Bounds kMaxTtl{ns(kSecond), ns(kDay), "replies are capped at a day before they get here"};
constexpr Bounds kRate{1, 1'000'000, "a million queries a second is no limit any more"};
constexpr Bounds kSlip{0, 100, "one in so many; 0 answers none"};
constexpr Bounds kPending{16, 65'536, "each holds memory that is reserved at start"};
constexpr Bounds kPendingOne{1, 65'536, "at most what all clients may have together"};
constexpr Bounds kTcp{1, 65'536, "each holds a descriptor and a buffer"};
constexpr Bounds kPrefix4{8, 32, "shorter makes strangers share one client's rate"};
constexpr Bounds kPrefix6{16, 128, "shorter makes strangers share one client's rate"};

constexpr std::array<Section, 12> kSections{{
    {"process", false, "The account and the number of processes."},
    {"listen", true, "Where clients ask; repeat it for more. Left out: 127.0.0.1:53, UDP and TCP."},
    {"upstream", true,
     "A DNS-over-TLS server to ask; repeat it for more. None is built in, so there must be one. "
     "Each needs `name`, "
     "`pins` or both; with both, both must hold."},
    {"route", true, "A domain, with all below it, that goes to chosen upstreams only."},
    {"tls", false, "How upstreams prove who they are."},
    {"query", false, "How long and whom to ask."},
    {"cache", false, "Answers that are kept."},
    {"access", false, "Who may ask. Others get silence on UDP and a closed connection on TCP."},
    {"limits", false, "How much a client, and all clients together, may ask."},
    {"sandbox", false, "What must be in force before anything is read from the network."},
    {"log", false, "Events, one line each, on standard error."},
    {"metrics", false, "Counters for Prometheus."},
}};

// Every enumeration of the configuration has one octet, which a character type may look at.
template <typename Enum>
Slot choice(Enum& value) {
  static_assert(sizeof(Enum) == 1);
  return reinterpret_cast<std::uint8_t*>(&value);
}

constexpr std::array<KeyOf<Listen>, 2> kListen{{
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
}};

constexpr std::array<KeyOf<Upstream>, 5> kUpstream{{
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
               "`dotkeep pin` prints them. Give a backup.",
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

constexpr std::array<KeyOf<Config>, 27> kConfig{{
    {{.section = "process",
      .name = "user",
      .about = "Unprivileged account to run as when started by root.",
      .check = check_user},
     [](Config& c) -> Slot { return &c.process.user; }},
    {{.section = "process",
      .name = "frontends",
      .about = "Processes that answer clients; 0 lets dotkeep choose.",
      .bounds = kFrontends},
     [](Config& c) -> Slot { return &c.process.frontends; }},
    {{.section = "tls",
      .name = "ca_file",
      .about = "PEM file of the CAs that may vouch for an upstream's `name`.",
      .check = check_path},
     [](Config& c) -> Slot { return &c.tls.ca_file; }},
    {{.section = "query",
      .name = "timeout",
      .about = "How long a client waits at most before it is told that the query failed.",
      .bounds = kTimeout},
     [](Config& c) -> Slot { return &c.query.timeout; }},
    {{.section = "query",
      .name = "select",
      .about =
          "Which healthy upstream is asked: the quickest, the first in the file, or each in turn.",
      .words = kSelect},
     [](Config& c) -> Slot { return choice(c.query.select); }},
    {{.section = "cache",
      .name = "size",
      .about = "Memory for answers, divided among the frontends; `0KiB` is no cache.",
      .bounds = kCacheSize},
     [](Config& c) -> Slot { return &c.cache.size; }},
    {{.section = "cache",
      .name = "file",
      .about = "File that keeps the cache over a restart; empty: none. It takes twice `cache.size` on the "
               "disk, and tells whoever reads it which names were looked up.",
      .check = check_path},
     [](Config& c) -> Slot { return &c.cache.file; }},
    {{.section = "cache",
      .name = "stale",
      .about = "How long an expired answer may still be given when no upstream answers (RFC 8767).",
      .bounds = kStale},
     [](Config& c) -> Slot { return &c.cache.stale; }},
    {{.section = "cache",
      .name = "min_ttl",
      .about = "Answers are kept at least this long.",
      .bounds = kMinTtl},
     [](Config& c) -> Slot { return &c.cache.min_ttl; }},
    {{.section = "cache",
      .name = "max_ttl",
      .about = "Answers are kept at most this long.",
      .bounds = kMaxTtl},
     [](Config& c) -> Slot { return &c.cache.max_ttl; }},
    {{.section = "access",
      .name = "allow",
      .about = "Prefixes of clients that may ask; of all prefixes that match, the longest decides.",
      .bounds = kPrefixes},
     [](Config& c) -> Slot { return &c.access.allow; }},
    {{.section = "access",
      .name = "deny",
      .about = "Prefixes of clients that may not; wins over `allow` at the same length.",
      .bounds = kPrefixes},
     [](Config& c) -> Slot { return &c.access.deny; }},
    {{.section = "access",
      .name = "open",
      .about =
          "With `yes, to everyone` the whole Internet may ask, but for `deny`: an open resolver.",
      .words = kConsent},
     [](Config& c) -> Slot { return &c.access.open; }},
    {{.section = "limits",
      .name = "rate",
      .about = "Queries a second of one client over UDP.",
      .bounds = kRate,
      .in_effect = false},
     [](Config& c) -> Slot { return &c.limits.rate; }},
    {{.section = "limits",
      .name = "burst",
      .about = "Queries that one client may send at once.",
      .bounds = kRate,
      .in_effect = false},
     [](Config& c) -> Slot { return &c.limits.burst; }},
    {{.section = "limits",
      .name = "slip",
      .about = "Of so many queries over the rate one is answered with TC, so that a real client "
               "can turn to TCP.",
      .bounds = kSlip,
      .in_effect = false},
     [](Config& c) -> Slot { return &c.limits.slip; }},
    {{.section = "limits",
      .name = "pending",
      .about = "Unanswered queries of all clients.",
      .bounds = kPending},
     [](Config& c) -> Slot { return &c.limits.pending; }},
    {{.section = "limits",
      .name = "pending_per_client",
      .about = "Unanswered queries of one client.",
      .bounds = kPendingOne},
     [](Config& c) -> Slot { return &c.limits.pending_per_client; }},
    {{.section = "limits",
      .name = "tcp_clients",
      .about = "TCP connections of all clients.",
      .bounds = kTcp},
     [](Config& c) -> Slot { return &c.limits.tcp_clients; }},
    {{.section = "limits",
      .name = "tcp_per_client",
      .about = "TCP connections of one client.",
      .bounds = kTcp},
     [](Config& c) -> Slot { return &c.limits.tcp_per_client; }},
    {{.section = "limits",
      .name = "prefix4",
      .about = "Bits of an IPv4 address that make one client.",
      .bounds = kPrefix4,
      .in_effect = false},
     [](Config& c) -> Slot { return &c.limits.prefix4; }},
    {{.section = "limits",
      .name = "prefix6",
      .about = "Bits of an IPv6 address that make one client; a site has a /56, a network a /64.",
      .bounds = kPrefix6,
      .in_effect = false},
     [](Config& c) -> Slot { return &c.limits.prefix6; }},
    {{.section = "sandbox",
      .name = "require",
      .about = "Layers without which dotkeep refuses to start, where the process can have them at "
               "all; `all` means "
               "each. What each is: docs/layers.md.",
      .bounds = kLayerCount,
      .words = kLayers},
     [](Config& c) -> Slot { return &c.sandbox.require; }},
    {{.section = "log",
      .name = "level",
      .about = "The least important events that are written.",
      .words = kLevel},
     [](Config& c) -> Slot { return choice(c.log.level); }},
    {{.section = "log",
      .name = "format",
      .about = "Lines for people or JSON objects.",
      .words = kFormat},
     [](Config& c) -> Slot { return choice(c.log.format); }},
    {{.section = "log",
      .name = "queries",
      .about = "Whether the names of queries are written; what people look up is private.",
      .words = kOffOn},
     [](Config& c) -> Slot { return &c.log.queries; }},
    {{.section = "metrics",
      .name = "listen",
      .about = "Address and port of the metrics page; empty: none.",
      .check = check_metrics_listen,
      .in_effect = false},
     [](Config& c) -> Slot { return &c.metrics.listen; }},
}};

}  // namespace

std::span<const Section> sections() {
  return kSections;
}
std::span<const KeyOf<Config>> config_keys() {
  return kConfig;
}
std::span<const KeyOf<Listen>> listen_keys() {
  return kListen;
}
std::span<const KeyOf<Upstream>> upstream_keys() {
  return kUpstream;
}
std::span<const KeyOf<RouteText>> route_keys() {
  return kRoute;
}
std::span<const std::string_view> layer_words() {
  return kLayers;
}

}  // namespace dotkeep::config
