// Admission with what it shares, and queries for it.
#pragma once

#include <string>

#include "tests/admission/helpers.h"

namespace dotkeep::admission {

using dns::Transport;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr std::uint32_t kTimeOfDay = 1'700'000'000;

inline Bytes message(std::string_view name, dns::Type type = dns::Type::A, bool edns = true,
                     const Bytes& options = {}) {
  dns::ClientMessage made;
  made.ask(dns::name(name), type);
  if (edns) made.add_opt(options);
  return made.octets();
}

inline Settings slow() {
  Settings settings;
  settings.rate = 10;
  settings.burst = 5;
  settings.slip = 2;
  settings.error_rate = 10;
  settings.suffix_rate = 10;
  return settings;
}

struct World {
  explicit World(const Settings& settings = slow()) : admission(memory.state(), settings) {
    admission.set_time_of_day(kTimeOfDay);
  }
  Decision decide(const Bytes& octets, const std::string& from = "192.0.2.1",
                  Transport transport = Transport::udp) {
    return admission.decide({ip(from), transport, crowded}, dns::parse_query(octets), octets.size(),
                            now);
  }
  // What the client is to send so that it is known.
  [[nodiscard]] Bytes cookie_option(const std::string& from) const {
    dns::Cookie theirs;
    theirs.size = 8;
    const auto made = admission.cookie_for(ip(from), theirs);
    return made ? dns::option(dns::EdnsOption::cookie,
                              to_hex(Octets(made->octets).first(made->size)))
                : Bytes();
  }
  void spend(const Bytes& octets, int times, const std::string& from = "192.0.2.1",
             Transport transport = Transport::udp) {
    for (int i = 0; i < times; ++i) {
      ASSERT_EQ(decide(octets, from, transport).action, Action::pass) << i;
    }
  }
  Memory memory;
  Admission admission;
  Time now = kStart;
  bool crowded = false;  // more comes than is taken in
};

inline const Bytes kQuery = message("www.example");
inline const Bytes kResponse = [] {
  dns::ClientMessage made;
  made.flags = 0x8180;
  return made.octets();
}();
inline const Bytes kTransfer = message("example", dns::Type::AXFR);

}  // namespace dotkeep::admission
