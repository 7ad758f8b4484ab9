// The configuration as every process sees it: parsed from the same TOML text by the same parser.
// After parsing, every value is in range and every reference resolves; nothing has to be checked
// again.
#pragma once

#include <netinet/in.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace dotkeep::config {

// An IPv4 or IPv6 address with a port.
struct Endpoint {
  std::uint8_t family = 4;                 // 4 or 6
  std::array<std::uint8_t, 16> address{};  // first 4 octets for IPv4
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  // "127.0.0.1:53", "[::1]:53".
  [[nodiscard]] std::string to_text() const;
  // Length of what was written into `out`.
  socklen_t to_sockaddr(sockaddr_storage& out) const;
};
// "1.2.3.4:853", "[2001:db8::1]:853"; without a port, `default_port`. The error is a sentence.
[[nodiscard]] std::expected<Endpoint, std::string> parse_endpoint(std::string_view text,
                                                                  std::uint16_t default_port);

// An address prefix such as 10.0.0.0/8; bits beyond the length are zero (else an error). An
// IPv4-mapped IPv6 prefix becomes the IPv4 one.
struct Prefix {
  std::uint8_t family = 4;
  std::array<std::uint8_t, 16> address{};
  std::uint8_t length = 0;
  friend bool operator==(const Prefix&, const Prefix&) = default;
  [[nodiscard]] std::string to_text() const;  // "10.0.0.0/8"
  // Whether every address of `other` is in this one.
  [[nodiscard]] bool contains(const Prefix& other) const;
};
[[nodiscard]] std::expected<Prefix, std::string> parse_prefix(std::string_view text);

struct Listen {
  Endpoint endpoint;
  bool udp = true;
  bool tcp = true;
  // Each in place of the list of [access], unless it is empty.
  std::vector<Prefix> allow;
  std::vector<Prefix> deny;
};

enum class PostQuantum : std::uint8_t { prefer, require, off };
enum class PinMode : std::uint8_t { enforce, report };
enum class Ocsp : std::uint8_t { must_staple, require };
enum class Clock : std::uint8_t { trusted, pins_only_until_synchronised };
using Pin = std::array<std::uint8_t, 32>;
// base64 of 32 octets, "sha256/" before it or not.
[[nodiscard]] std::expected<Pin, std::string> parse_pin(std::string_view text);
// base64 of `pin`: 44 characters, without "sha256/".
[[nodiscard]] std::string pin_text(const Pin& pin);

struct Upstream {
  std::string id;     // unique; default "upstream-1", ...
  Endpoint endpoint;  // default port 853
  std::string name;   // SNI and name check; empty: pins alone
  std::vector<Pin> pins;
  PostQuantum post_quantum = PostQuantum::prefer;
  PinMode pin_mode = PinMode::enforce;  // report only where there is a name
  Ocsp ocsp = Ocsp::must_staple;        // require only where there is a name
  std::uint32_t weight = 1;
  std::uint32_t priority = 1;
};
inline constexpr std::size_t kMaxUpstreams =
    64;  // a set of upstreams is one 64-bit word on the wall
inline constexpr std::size_t kMaxListeners = 64;
inline constexpr std::size_t kMaxFrontends = 64;

struct Route {
  std::string domain;                  // lower case, no final dot
  std::vector<std::size_t> upstreams;  // indices into Config::upstreams
};

enum class Select : std::uint8_t { fastest, ordered, round_robin, random, hash, spread };
// A client's COOKIE option: ignored; answered; and asked for while a flood lasts.
enum class Cookies : std::uint8_t { off, answer, require_under_attack };
// Of the addresses in an answer.
enum class Rotate : std::uint8_t { off, round_robin, random };
enum class LogLevel : std::uint8_t { error, warning, info, debug };
enum class LogFormat : std::uint8_t { text, json };

struct Config {
  struct {
    std::string user = "dotkeep";
    std::uint32_t frontends = 0;  // 0: dotkeep chooses
  } process;
  std::vector<Listen> listeners;
  std::vector<Upstream> upstreams;
  std::vector<Route> routes;
  struct {
    std::string ca_file = "/etc/ssl/certs/ca-certificates.crt";
    Clock clock = Clock::trusted;
  } tls;
  struct {
    Duration timeout = std::chrono::seconds(5);
    Select select = Select::fastest;
  } query;
  struct {
    std::uint64_t size = 64U << 20;
    std::string file;
    Duration stale = std::chrono::hours(24);
    Duration min_ttl{};
    Duration max_ttl = std::chrono::hours(24);
    Rotate rotate = Rotate::off;
  } cache;
  struct {
    std::vector<Prefix> allow;  // default: loopback, private, link-local and unique-local prefixes
    std::vector<Prefix> deny;
    bool open = false;  // access.open = "yes, to everyone"
  } access;
  struct {
    std::uint32_t rate = 200, burst = 400, slip = 2;
    std::uint32_t pending = 16384, pending_per_client = 1024;
    std::uint32_t tcp_clients = 4096, tcp_per_client = 64;
    std::uint32_t prefix4 = 32, prefix6 = 56;
    std::uint32_t aggregate = 32;
    std::uint32_t error_rate = 100, suffix_rate = 500, unproven_rate = 5'000, flood = 50'000;
    std::vector<Prefix> exempt;
    Cookies cookies = Cookies::answer;
    std::string cookie_secret_file;
  } limits;
  struct {
    std::vector<std::string> special;  // default: every group
    bool refuse_rebinding = true;
    std::vector<std::string> rebinding_except;  // lower case, no final dot
  } names;
  struct {
    std::vector<std::string> require = {"seccomp"};
  } sandbox;
  struct {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
    bool queries = false;
  } log;
  struct {
    std::string listen;
  } metrics;
  struct {
    std::string socket = "/run/dotkeep/control";  // empty: none
  } control;
};

// One thing wrong, as the operator should read it.
struct Problem {
  bool warning = false;
  std::uint32_t line = 0;  // in the file, 1-based; 0: from the command line or the whole file
  std::string key;         // "upstream[1].pins"
  std::string message;     // "is not base64 of 32 octets", "unknown key; did you mean 'address'?"
  [[nodiscard]] std::string to_text(
      std::string_view file) const;  // "FILE:12: upstream[1].pins: ..."
};

// "ADDR[:PORT]#NAME" as the command line has it: endpoint and name, the rest default, no id. The
// name may be left out (it must be when pins alone decide); IPv6 addresses stand in brackets. The
// error is a sentence.
[[nodiscard]] std::expected<Upstream, std::string> parse_upstream_argument(std::string_view text);

// What the command line adds; it wins over the file. Lists replace the file's list of the same
// kind.
struct Overrides {
  // One --upstream and the --pin options that follow it. A --pin with no --upstream before it is an
  // empty `server`, which parse() reports.
  struct Server {
    std::string server;  // for parse_upstream_argument()
    std::vector<std::string> pins;
  };
  std::vector<std::string> listen;  // ADDR:PORT, both protocols
  std::vector<Server> upstreams;
};

struct Parsed {
  Config config;
  std::vector<Problem> warnings;
  std::string text;  // the effective configuration as TOML: file with overrides applied; what
                     // workers are given
};

// A configuration with every key at its default, and no listener or upstream.
[[nodiscard]] Config defaults();

// `config` as TOML with every key; the same Config gives the same text, and parse() gives it back.
[[nodiscard]] std::string render(const Config& config);

// Every error at once, in the order of the file, or the configuration. Pure; at most
// kMaxFileOctets are looked at.
inline constexpr std::size_t kMaxFileOctets =
    1U << 20;  // ten thousand prefixes; no file is larger by intent
[[nodiscard]] std::expected<Parsed, std::vector<Problem>> parse(std::string_view toml,
                                                                const Overrides& overrides = {});

}  // namespace dotkeep::config
