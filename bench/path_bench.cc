// What each step of a forwarded query costs, in the order in which it takes them.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "admission/admission.h"
#include "base/siphash.h"
#include "dns/name.h"
#include "dns/query.h"
#include "dns/render.h"
#include "dns/reply.h"
#include "ipc/codec.h"

namespace {

namespace dns = dotkeep::dns;
namespace ipc = dotkeep::ipc;
using Bytes = std::vector<std::uint8_t>;

// "n1000.bench.example A", as a stub with EDNS asks it.
Bytes client_query() {
  Bytes query = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
  const auto name = dns::Name::from_text("n1000.bench.example.").value();
  query.insert(query.end(), name.wire().begin(), name.wire().end());
  for (const int octet : {0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0}) {
    query.push_back(static_cast<std::uint8_t>(octet));
  }
  return query;
}

dns::Asked asked_of(const dns::Query& query) {
  dns::Asked asked;
  asked.id = 7;
  asked.question = {query.question.name.lower(), query.question.type};
  return asked;
}

// One address and an OPT, as an upstream answers it.
Bytes upstream_reply(const dns::Asked& asked) {
  Bytes reply = {0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 1};
  const dotkeep::Octets name = asked.question.name.wire();
  reply.insert(reply.end(), name.begin(), name.end());
  for (const int octet : {0,   1, 0, 1, 0xc0, 12, 0,  1, 0,   1, 0, 0, 1, 44, 0, 4,
                          192, 0, 2, 7, 0,    0,  41, 4, 208, 0, 0, 0, 0, 0,  0}) {
    reply.push_back(static_cast<std::uint8_t>(octet));
  }
  return reply;
}

void parse_query(benchmark::State& state) {
  const Bytes message = client_query();
  for (auto _ : state) {
    const auto query = dns::parse_query(message);
    benchmark::DoNotOptimize(query);
  }
}
BENCHMARK(parse_query);

// Every rule of admission, from so many clients in turn.
void admission_decide(benchmark::State& state) {
  namespace admission = dotkeep::admission;
  std::vector<admission::RateTable::Word> words(std::size_t{1} << 17);
  std::atomic<std::uint64_t> unverified = 0;
  std::atomic<std::uint64_t> flood_until = 0;
  admission::Admission gate({words, {1, 2}, {3, 4}, {}, &unverified, &flood_until}, {});
  const Bytes message = client_query();
  const auto query = dns::parse_query(message);
  const auto clients = static_cast<std::uint32_t>(state.range(0));
  std::uint32_t number = 0;
  dotkeep::Time now{std::chrono::hours(1)};
  for (auto _ : state) {
    const std::uint32_t client = ++number % clients;
    now += std::chrono::microseconds(10);
    dotkeep::IpAddress ip;
    ip.octets = {10, static_cast<std::uint8_t>(client >> 16),
                 static_cast<std::uint8_t>(client >> 8), static_cast<std::uint8_t>(client)};
    benchmark::DoNotOptimize(gate.decide({ip, dns::Transport::udp}, query, message.size(), now));
  }
}
BENCHMARK(admission_decide)->Arg(1000)->Arg(1000000);

void render_upstream_query(benchmark::State& state) {
  const dns::Asked asked = asked_of(dns::parse_query(client_query()).value());
  for (auto _ : state) {
    const dns::RenderedQuery query = dns::render_upstream_query(asked);
    benchmark::DoNotOptimize(query);
  }
}
BENCHMARK(render_upstream_query);

void check_reply(benchmark::State& state) {
  const dns::Asked asked = asked_of(dns::parse_query(client_query()).value());
  const Bytes message = upstream_reply(asked);
  const auto scratch = dns::make_reply_scratch();
  for (auto _ : state) {
    const auto reply = dns::check_reply(asked, message, *scratch);
    if (!reply) return state.SkipWithError(dns::to_string(reply.error()));
    benchmark::DoNotOptimize(reply);
  }
}
BENCHMARK(check_reply);

void render_response(benchmark::State& state) {
  const dns::Query query = dns::parse_query(client_query()).value();
  const dns::Asked asked = asked_of(query);
  const Bytes message = upstream_reply(asked);
  const auto scratch = dns::make_reply_scratch();
  const auto reply = dns::check_reply(asked, message, *scratch);
  if (!reply) return state.SkipWithError(dns::to_string(reply.error()));
  std::array<std::uint8_t, 1232> out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(dns::render_response(query, *reply, {}, out));
  }
}
BENCHMARK(render_response);

// There and back over the wall: written by one process, read by the other.
template <typename Message>
void wall(benchmark::State& state, const Message& message) {
  std::array<std::uint8_t, 1024> record;
  for (auto _ : state) {
    dotkeep::Writer writer(record);
    if (!ipc::encode(message, writer)) return state.SkipWithError("not written");
    dotkeep::Reader reader(writer.written());
    const auto read = ipc::decode<Message>(reader);
    if (!read) return state.SkipWithError("not read");
    benchmark::DoNotOptimize(read);
  }
}

void wall_ask(benchmark::State& state) {
  const dns::RenderedQuery query =
      dns::render_upstream_query(asked_of(dns::parse_query(client_query()).value()));
  wall(state, ipc::FrontendToUpstream(ipc::Ask{1, 1, 5000, query.padding_at, query.message()}));
}
BENCHMARK(wall_ask);

void wall_answer(benchmark::State& state) {
  const Bytes reply = upstream_reply(asked_of(dns::parse_query(client_query()).value()));
  wall(state, ipc::UpstreamToFrontend(ipc::Answer{1, 0, 1, reply}));
}
BENCHMARK(wall_answer);

void siphash_of_an_address(benchmark::State& state) {
  const dotkeep::SipKey key{1, 2};
  const std::array<std::uint8_t, 4> address{192, 0, 2, 1};
  for (auto _ : state) benchmark::DoNotOptimize(dotkeep::siphash(key, address));
}
BENCHMARK(siphash_of_an_address);

}  // namespace

BENCHMARK_MAIN();
