// The configured upstreams as connections need them, and what of them survives a reload.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "tls/session.h"
#include "upstream/choice.h"
#include "upstream/tickets.h"

namespace dotkeep::upstream {

// Trust anchors with the text they came from, in short, so that an unchanged file is recognised.
struct Trust {
  tls::Context context;
  std::uint64_t digest;  // under a key of this process; the text comes from the supervisor
};

// Ten times what a system's bundle has.
inline constexpr std::size_t kMaxTrustOctets = 4U << 20;

// Nothing is logged; the error is a sentence.
[[nodiscard]] std::expected<std::shared_ptr<const Trust>, std::string> make_trust(
    std::string_view ca_pem, std::uint64_t digest);
[[nodiscard]] std::uint64_t digest_of(std::string_view ca_pem);

// What the log last said of a server's pins: the number of the one that matched, -1 for none. A
// change is said once.
struct PinSeen {
  static constexpr int kNothing = -2;
  int pin = kNothing;
};

// Shared by the table and by every connection to it, for as long as either lasts.
struct Entry {
  config::Upstream upstream;
  std::string address;  // for the log
  tls::Identity identity;
  std::shared_ptr<const Trust> trust;
  std::shared_ptr<Tickets> tickets;  // of all entries for the same server and proof
  std::shared_ptr<PinSeen> pin_seen;
};
using Table = std::vector<std::shared_ptr<const Entry>>;

// `clock` is taken account of where tls.clock says so, and must last as long as the table.
[[nodiscard]] Table make_table(const config::Config& config,
                               const std::shared_ptr<const Trust>& trust,
                               tls::ClockTrust* clock = nullptr);

// For each entry of `now` the number it has in `before`, or 255: the same server, held to the same
// proof, so that its connections are as good as new ones.
[[nodiscard]] std::vector<std::uint8_t> kept(const Table& before, const Table& now);
// What the pool needs to know of each.
[[nodiscard]] std::vector<Standing> standings(const Table& table);
// Gives the tickets of those that are `kept` to their entries of now.
void pass_on_tickets(const Table& before, const std::vector<std::uint8_t>& kept, Table& now);

}  // namespace dotkeep::upstream
