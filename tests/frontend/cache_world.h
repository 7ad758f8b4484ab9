// A World whose upstream says what a test of the cache needs.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/frontend/fake_outlet.h"

namespace dotkeep::frontend {

inline constexpr std::uint16_t kNxdomain = 3;

// TTLs of the records of an answer.
inline std::vector<std::uint32_t> ttls(const Bytes& octets) {
  Reader reader(octets);
  const dns::Header header = dns::Header::parse(reader).value();
  static_cast<void>(dns::Name::parse(reader));
  static_cast<void>(reader.take(4));
  std::vector<std::uint32_t> found;
  for (int i = 0; i < header.answers + header.authorities; ++i) {
    skip_owner(reader);
    static_cast<void>(reader.take(4));
    found.push_back(reader.u32().value());
    static_cast<void>(reader.take(reader.u16().value()));
  }
  return found;
}

struct CacheWorld : World {
  using World::World;
  dns::testing::ReplyMessage reply() { return reply_to(outlet.asks.back()); }
  // What the newest question is answered with.
  void say(const dns::testing::ReplyMessage& message) { answer(0, message); }
  void say_a(std::uint32_t ttl = 300) {
    auto message = reply();
    say(message.a(dns::text(message.asked.question.name), ttl));
  }
  void say_nxdomain(std::uint32_t ttl = 300) {
    say(reply().rcode(kNxdomain).authority("example", dns::Type::SOA, dns::testing::soa(), ttl));
  }
  [[nodiscard]] std::vector<std::uint32_t> last_ttls() const {
    return ttls(outlet.responses.back().octets);
  }
};

}  // namespace dotkeep::frontend
