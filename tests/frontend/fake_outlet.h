// The data path between fake sockets and a fake upstream room, and what it said in words.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "config/config.h"
#include "dns/header.h"
#include "frontend/admission_settings.h"
#include "frontend/datapath.h"
#include "tests/base/hex.h"
#include "tests/dns/client_message.h"
#include "tests/dns/reply_message.h"

namespace dotkeep::frontend {

class FakeOutlet final : public Outlet {
 public:
  struct Response {
    Client client;
    Bytes octets;
  };
  // An Ask with its octets kept.
  struct Sent {
    ipc::Ask ask;
    Bytes query;
  };

  MutableOctets begin_response(const Client& client) override {
    static_cast<void>(client);
    return clients_gone ? MutableOctets() : MutableOctets(memory);
  }
  void commit_response(const Client& client, std::size_t size) override {
    ASSERT_LE(size, memory.size());
    responses.push_back(
        {client, {memory.begin(), memory.begin() + static_cast<std::ptrdiff_t>(size)}});
  }
  Asked ask(const ipc::Ask& ask) override {
    if (wall == Asked::sent) asks.push_back({ask, {ask.query.begin(), ask.query.end()}});
    return wall;
  }
  bool idle_time(const ipc::IdleTime& idle_time) override {
    idle_times.push_back(idle_time);
    return true;
  }

  Asked wall = Asked::sent;
  bool clients_gone = false;
  Bytes memory = Bytes(65535, 0xee);
  std::vector<Response> responses;
  std::vector<Sent> asks;
  std::vector<ipc::IdleTime> idle_times;
};

// A response as its receiver reads it.
struct Said {
  dns::Header header;
  std::string question;
  std::uint16_t rcode = 0;
  bool edns = false;
  std::optional<std::uint16_t> keepalive;
  std::string error;  // "22 one: connection refused", or "" without an Extended DNS Error
};

inline void skip_owner(Reader& reader) {
  while (const auto length = reader.u8()) {
    if (*length == 0) return;
    if (*length >= 0xc0) {
      static_cast<void>(reader.u8());
      return;
    }
    static_cast<void>(reader.take(*length));
  }
}

inline void read_options(Octets rdata, Said& said) {
  Reader options(rdata);
  while (const auto code = options.u16()) {
    Reader data(options.take(options.u16().value()).value());
    if (*code == static_cast<std::uint16_t>(dns::EdnsOption::tcp_keepalive)) {
      said.keepalive = data.u16();
    } else if (*code == static_cast<std::uint16_t>(dns::EdnsOption::extended_error)) {
      said.error = std::to_string(data.u16().value());
      const Octets text = data.rest();
      if (!text.empty()) said.error += " " + std::string(text.begin(), text.end());
    }
  }
}

// What is not a message ends the test program.
inline Said read(const Bytes& octets) {
  Said said;
  Reader reader(octets);
  said.header = dns::Header::parse(reader).value();
  said.rcode = said.header.rcode_bits();
  if (said.header.questions != 0) {
    said.question = dns::text(dns::Name::parse(reader).value());
    static_cast<void>(reader.take(4).value());
  }
  const int records = said.header.answers + said.header.authorities + said.header.additionals;
  for (int i = 0; i < records; ++i) {
    skip_owner(reader);
    const auto type = static_cast<dns::Type>(reader.u16().value());
    static_cast<void>(reader.take(2).value());
    const std::uint32_t ttl = reader.u32().value();
    const Octets rdata = reader.take(reader.u16().value()).value();
    if (type != dns::Type::OPT) continue;
    said.edns = true;
    said.rcode = static_cast<std::uint16_t>(said.rcode | ttl >> 24 << 4);
    read_options(rdata, said);
  }
  EXPECT_TRUE(reader.empty());
  return said;
}

inline IpAddress v4(std::uint8_t last) {
  return IpAddress{4, {192, 0, 2, last}};
}
inline Client udp_client(std::uint8_t last = 1) {
  return {v4(last), UdpPeer{}};
}
inline Client tcp_client(std::uint8_t last = 1) {
  return {v4(last), TcpPeer{7, 3}};
}

// A query with an OPT, so that its answer can say why.
inline Bytes query(std::string_view name, dns::Type type = dns::Type::A) {
  return dns::ClientMessage().ask(dns::name(name), type).add_opt().octets();
}
// One for a name that nobody asked for before: nothing is known of it.
inline Bytes query() {
  static int number = 0;
  return query("n" + std::to_string(++number) + ".example");
}

// Upstreams "one", "two", ...
inline config::Config config_with(std::size_t upstreams) {
  constexpr std::string_view kIds[] = {"one", "two", "three", "four", "five"};
  config::Config config = config::defaults();
  // Rates have their own tests.
  config.limits.rate = config.limits.burst = config.limits.error_rate = 1'000'000;
  config.limits.suffix_rate = config.limits.unproven_rate = 1'000'000;
  config.cache.size = 1 << 20;
  for (std::size_t i = 0; i < upstreams; ++i) {
    config.upstreams.emplace_back();
    config.upstreams.back().id = kIds[i];
  }
  return config;
}

inline constexpr std::uint32_t kTimeOfDay = 1'700'000'000;

struct World {
  explicit World(const config::Config& config = config_with(2), std::uint32_t share = 1)
      : admission({words, {}, {}, {}, &unverified, &flood_until}, admission_settings(config)),
        path(config, share, admission, counters, outlet) {
    admission.set_time_of_day(kTimeOfDay);
  }

  bool ask(const Bytes& message = query(), const Client& client = udp_client()) {
    return path.on_query(message, client, now);
  }
  // An honest reply to an Ask, to be spoilt.
  [[nodiscard]] static dns::testing::ReplyMessage reply_to(const FakeOutlet::Sent& sent) {
    const auto asked = dns::parse_query(sent.query).value();
    dns::testing::ReplyMessage reply(dns::text(asked.question.name), asked.question.type);
    reply.id = asked.id;
    return reply;
  }
  // The newest Ask is answered by upstream number `upstream`.
  void answer(std::uint8_t upstream, const dns::testing::ReplyMessage& reply) {
    const Bytes octets = reply.bytes();
    path.on_answer({outlet.asks.back().ask.ticket, upstream, 42, octets}, now);
  }
  void answer_well(std::uint8_t upstream = 0) {
    auto reply = reply_to(outlet.asks.back());
    answer(upstream, reply.a(dns::text(reply.asked.question.name)));
  }
  void fail(UpstreamFault fault, std::uint8_t upstream = 0) {
    path.on_failure({outlet.asks.back().ask.ticket, upstream, fault}, now);
  }
  [[nodiscard]] Said last() const { return read(outlet.responses.back().octets); }

  Time now{std::chrono::seconds(1000)};
  FakeOutlet outlet;
  Counters counters;
  std::vector<admission::RateTable::Word> words = std::vector<admission::RateTable::Word>(4096);
  std::atomic<std::uint64_t> unverified = 0;
  std::atomic<std::uint64_t> flood_until = 0;
  admission::Admission admission;
  DataPath path;
};

inline constexpr std::uint16_t kServfail = 2;

}  // namespace dotkeep::frontend
