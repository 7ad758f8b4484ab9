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
constexpr std::array<Word, 3> kRotate{"off", "round-robin", "random"};  // enum Rotate
constexpr std::array<Word, 6> kSelect{"fastest", "ordered", "round-robin",
                                      "random",  "hash",    "spread"};      // enum Select
constexpr std::array<Word, 4> kLevel{"error", "warning", "info", "debug"};  // enum LogLevel
constexpr std::array<Word, 2> kFormat{"text", "json"};                      // enum LogFormat
constexpr std::array<Word, 2> kOffOn{"off", "on"};
constexpr std::array<Word, 2> kConsent{"no", "yes, to everyone"};
constexpr std::array<Word, 3> kCookies{"off", "answer", "require-under-attack"};  // enum Cookies
constexpr std::array<Word, 2> kClock{"trusted", "pins-only-until-synchronised"};  // enum Clock
constexpr std::array<Word, 2> kRebinding{"off", "refuse"};
constexpr std::array<Word, 8> kSpecial{"localhost", "invalid",   "test",          "local",
                                       "onion",     "home.arpa", "resolver.arpa", "reverse"};
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
constexpr Bounds kAggregate{0, 1000, "of so many clients; 0: a network has no rate of its own"};
constexpr Bounds kFlood{1000, 10'000'000, "less is no flood"};
constexpr Bounds kSpecials{0, kSpecial.size(), "there are no more groups than that"};
constexpr Bounds kDomains{0, 256, "the list is looked through for every private answer"};
constexpr Bounds kSlip{0, 100, "one in so many; 0 answers none"};
constexpr Bounds kPending{16, 65'536, "each holds memory that is reserved at start"};
constexpr Bounds kPendingOne{1, 65'536, "at most what all clients may have together"};
constexpr Bounds kTcp{1, 65'536, "each holds a descriptor and a buffer"};
constexpr Bounds kPrefix4{8, 32, "shorter makes strangers share one client's rate"};
constexpr Bounds kPrefix6{16, 128, "shorter makes strangers share one client's rate"};

constexpr std::array<Section, 14> kSections{{
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
    {"names", false, "Names that are answered here, and addresses that no stranger may give."},
    {"sandbox", false, "What must be in force before anything is read from the network."},
    {"log", false, "Events, one line each, on standard error."},
    {"metrics", false, "Counters for Prometheus."},
    {"control", false, "Where `dotkeep status` and `dotkeep cache flush` ask."},
}};

constexpr std::array<KeyOf<Config>, 41> kConfig{{
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
    {{.section = "tls",
      .name = "clock",
      .about = "Whether the machine's clock is right from the start. With "
               "`pins-only-until-synchronised` an upstream whose pin matches is believed whatever "
               "the dates say, until a chain was proven by its name with its dates "
               "(docs/decisions/clock.md).",
      .words = kClock},
     [](Config& c) -> Slot { return choice(c.tls.clock); }},
    {{.section = "query",
      .name = "timeout",
      .about = "How long a client waits at most before it is told that the query failed.",
      .bounds = kTimeout},
     [](Config& c) -> Slot { return &c.query.timeout; }},
    {{.section = "query",
      .name = "select",
      .about = "Which healthy upstream is asked: the quickest, the first in the file, each in "
               "turn, any, "
               "or the one that the name belongs to: `hash` by a rule that all dotkeeps share (a "
               "server's "
               "cache is used best), `spread` by a secret one (none of them sees all names).",
      .words = kSelect},
     [](Config& c) -> Slot { return choice(c.query.select); }},
    {{.section = "cache",
      .name = "size",
      .about = "Memory for answers, divided among the frontends; `0KiB` is no cache.",
      .bounds = kCacheSize},
     [](Config& c) -> Slot { return &c.cache.size; }},
    {{.section = "cache",
      .name = "file",
      .about = "File that keeps the cache over a restart; empty: none. It takes twice `cache.size` "
               "on the "
               "disk, and tells whoever reads it which names were looked up. `dotkeep cache flush` "
               "empties it; what is left is saved again within seconds.",
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
    {{.section = "cache",
      .name = "rotate",
      .about = "Whether the addresses of an answer (A, AAAA) come in another order each time.",
      .words = kRotate},
     [](Config& c) -> Slot { return choice(c.cache.rotate); }},
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
      .bounds = kRate},
     [](Config& c) -> Slot { return &c.limits.rate; }},
    {{.section = "limits",
      .name = "burst",
      .about = "Queries that one client may send at once.",
      .bounds = kRate},
     [](Config& c) -> Slot { return &c.limits.burst; }},
    {{.section = "limits",
      .name = "slip",
      .about = "Of so many queries over the rate one is answered with TC, so that a real client "
               "can turn to TCP.",
      .bounds = kSlip},
     [](Config& c) -> Slot { return &c.limits.slip; }},
    {{.section = "limits",
      .name = "aggregate",
      .about = "How many clients' rates a /24 of IPv4 or a /48 of IPv6 may use together; 0: any.",
      .bounds = kAggregate},
     [](Config& c) -> Slot { return &c.limits.aggregate; }},
    {{.section = "limits",
      .name = "error_rate",
      .about =
          "Answers a second of one client that are errors, names that do not exist among them.",
      .bounds = kRate},
     [](Config& c) -> Slot { return &c.limits.error_rate; }},
    {{.section = "limits",
      .name = "suffix_rate",
      .about = "Names a second that do not exist in one zone; beyond, clients that may be forged "
               "are sent to TCP.",
      .bounds = kRate},
     [](Config& c) -> Slot { return &c.limits.suffix_rate; }},
    {{.section = "limits",
      .name = "unproven_rate",
      .about = "Questions a second that the cache cannot answer, of all clients over UDP without a "
               "cookie; beyond, they are sent to TCP. Unless written, 25 times `rate`.",
      .bounds = kRate},
     [](Config& c) -> Slot { return &c.limits.unproven_rate; }},
    {{.section = "limits",
      .name = "exempt",
      .about = "Prefixes of clients that no rate holds back.",
      .bounds = kPrefixes},
     [](Config& c) -> Slot { return &c.limits.exempt; }},
    {{.section = "limits",
      .name = "cookies",
      .about = "DNS cookies (RFC 7873): a client with one of ours is no forgery and may ask four "
               "times as much. With `require-under-attack` others are sent for one, or to TCP, "
               "while a flood lasts.",
      .words = kCookies},
     [](Config& c) -> Slot { return choice(c.limits.cookies); }},
    {{.section = "limits",
      .name = "cookie_secret_file",
      .about =
          "File with one or two secrets of 32 hexadecimal digits, a line each: the first makes "
          "cookies, both are known (RFC 9018). Empty: made at start, a new one each day.",
      .check = check_path},
     [](Config& c) -> Slot { return &c.limits.cookie_secret_file; }},
    {{.section = "limits",
      .name = "flood",
      .about = "Queries a second over UDP without a cookie, of all clients, that make a flood.",
      .bounds = kFlood},
     [](Config& c) -> Slot { return &c.limits.flood; }},
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
      .bounds = kPrefix4},
     [](Config& c) -> Slot { return &c.limits.prefix4; }},
    {{.section = "limits",
      .name = "prefix6",
      .about = "Bits of an IPv6 address that make one client; a site has a /56, a network a /64.",
      .bounds = kPrefix6},
     [](Config& c) -> Slot { return &c.limits.prefix6; }},
    {{.section = "names",
      .name = "special",
      .about =
          "Special-use names that are answered here and never leave, unless a `[[route]]` takes "
          "them; `reverse` are the private addresses (RFC 6303).",
      .bounds = kSpecials,
      .words = kSpecial},
     [](Config& c) -> Slot { return &c.names.special; }},
    {{.section = "names",
      .name = "rebinding",
      .about =
          "Whether private addresses in answers of public upstreams are refused, but for names "
          "of a `[[route]]`.",
      .words = kRebinding},
     [](Config& c) -> Slot { return &c.names.refuse_rebinding; }},
    {{.section = "names",
      .name = "rebinding_except",
      .about = "Domains that may have private addresses all the same.",
      .bounds = kDomains,
      .check = check_domain},
     [](Config& c) -> Slot { return &c.names.rebinding_except; }},
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
      .about = "Address and port of the metrics page; empty: none. Whoever reaches it may read it.",
      .check = check_metrics_listen},
     [](Config& c) -> Slot { return &c.metrics.listen; }},
    {{.section = "control",
      .name = "socket",
      .about = "Path of a Unix socket for the account and its group; empty: none.",
      .check = check_control_socket},
     [](Config& c) -> Slot { return &c.control.socket; }},
}};

}  // namespace

std::span<const Section> sections() {
  return kSections;
}
std::span<const KeyOf<Config>> config_keys() {
  return kConfig;
}
std::span<const std::string_view> special_words() {
  return kSpecial;
}
std::span<const std::string_view> layer_words() {
  return kLayers;
}

}  // namespace dotkeep::config
