// What an answer from the cache costs from packet to answer, without its sockets; and what it costs
// to keep one, while there is room and while another must go for it.
#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "admission/admission.h"
#include "cache/cache.h"
#include "config/config.h"
#include "dns/name.h"
#include "dns/reply.h"
#include "frontend/datapath.h"

namespace {

namespace admission = dotkeep::admission;
namespace cache = dotkeep::cache;
namespace dns = dotkeep::dns;
namespace frontend = dotkeep::frontend;
namespace ipc = dotkeep::ipc;
using Bytes = std::vector<std::uint8_t>;

constexpr dotkeep::Time kNow{std::chrono::hours(1)};

dns::Name numbered(std::uint64_t number) {
  return dns::Name::from_text("n" + std::to_string(number) + ".bench.example.").value();
}

// As a stub with EDNS asks it.
Bytes client_query(std::uint64_t number) {
  Bytes query = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
  const dns::Name name = numbered(number);
  query.insert(query.end(), name.wire().begin(), name.wire().end());
  for (const int octet : {0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0}) {
    query.push_back(static_cast<std::uint8_t>(octet));
  }
  return query;
}

// A reply to what was asked, with one address.
Bytes upstream_reply(dotkeep::Octets asked) {
  dotkeep::Reader reader(asked.subspan(12));
  const dns::Name name = dns::Name::parse(reader).value();
  Bytes reply = {asked[0], asked[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 1};
  reply.insert(reply.end(), name.wire().begin(), name.wire().end());
  for (const int octet : {0,   1, 0, 1, 0xc0, 12, 0,  1, 0,   1, 0, 0, 1, 44, 0, 4,
                          192, 0, 2, 7, 0,    0,  41, 4, 208, 0, 0, 0, 0, 0,  0}) {
    reply.push_back(static_cast<std::uint8_t>(octet));
  }
  return reply;
}

// Takes the place of the sockets.
class Sink final : public frontend::Outlet {
 public:
  dotkeep::MutableOctets begin_response(const frontend::Client& /*client*/) override {
    return memory_;
  }
  void commit_response(const frontend::Client& /*client*/, std::size_t size) override {
    sent += size;
  }
  Asked ask(const ipc::Ask& ask) override {
    asked.assign(ask.query.begin(), ask.query.end());
    ticket = ask.ticket;
    return Asked::sent;
  }
  bool idle_time(const ipc::IdleTime& /*idle_time*/) override { return true; }

  std::size_t sent = 0;
  Bytes asked;
  ipc::Ticket ticket = 0;

 private:
  std::array<std::uint8_t, 1232> memory_{};
};

// All of parse_query, admission and the cache, for so many names in turn.
void cached_answer(benchmark::State& state) {
  std::vector<admission::RateTable::Word> words(std::size_t{1} << 17);
  std::atomic<std::uint64_t> unverified = 0;
  std::atomic<std::uint64_t> flood_until = 0;
  admission::Settings settings;
  settings.rate = 10'000'000;
  settings.burst = 10'000'000;
  settings.unproven_rate = 10'000'000;
  admission::Admission admission({words, {1, 2}, {3, 4}, {}, &unverified, &flood_until}, settings);
  dotkeep::config::Config config;
  config.upstreams.resize(1);
  frontend::Counters counters{};
  Sink sink;
  frontend::DataPath path(config, 1, admission, counters, sink);
  const frontend::Client client{dotkeep::IpAddress{4, {127, 0, 0, 1}}, frontend::UdpPeer{}, false};
  const auto names = static_cast<std::uint64_t>(state.range(0));
  std::vector<Bytes> queries;
  for (std::uint64_t i = 0; i < names; ++i) {
    queries.push_back(client_query(i));
    path.on_query(queries.back(), client, kNow);
    path.on_answer({sink.ticket, 0, 1, upstream_reply(sink.asked)}, kNow);
  }
  dotkeep::Time now = kNow;
  std::uint64_t number = 0;
  for (auto _ : state) {
    now += std::chrono::nanoseconds(1);
    path.on_query(queries[number % names], client, now);
    number += 7919;
  }
  if (counters.cache_fresh != static_cast<std::uint64_t>(state.iterations())) {
    state.SkipWithError("not from the cache");
  }
}
BENCHMARK(cached_answer)->Arg(1)->Arg(1000)->Arg(50'000);

// A small answer, packed, under ever new names.
class Keeper {
 public:
  explicit Keeper(std::size_t octets) : cache_(octets, {}, {1, 2}) {
    const dns::Question question{numbered(0), dns::Type::A};
    dotkeep::Writer out(record_);
    out.octets(question.name.wire());
    out.u16(1);
    out.u32(300);
    out.u16(4);
    out.u32(1);
    dns::Reply reply;
    reply.answers = 1;
    reply.packed = out.written();
    packed_ = packer_.pack(question, reply, {}).value();
    name_ = dns::Name::from_text("0000000000.bench.example.").value();
    wire_.assign(name_.wire().begin(), name_.wire().end());
  }
  void keep(std::uint64_t number) {
    for (std::size_t i = 10; i > 0; --i, number /= 10) {
      wire_[i] = static_cast<std::uint8_t>('0' + number % 10);
    }
    const dns::Question question{dns::Name::trusted(wire_), dns::Type::A};
    cache_.store({question, false, false}, packed_, cache::kSecondsOffset);
  }
  [[nodiscard]] const cache::Store& store() const { return cache_.store(); }
  void clear() { cache_.flush_all(); }

 private:
  std::array<std::uint8_t, 512> record_{};
  cache::Cache cache_;
  cache::Packer packer_;
  cache::Packed packed_;
  dns::Name name_;
  Bytes wire_;
};

constexpr std::uint64_t kFits = 400'000;

void keep_while_there_is_room(benchmark::State& state) {
  Keeper keeper(kFits * 136);
  for (std::uint64_t i = 0; i < kFits; ++i) keeper.keep(i);  // touches all of the memory
  std::uint64_t number = 0;
  for (auto _ : state) {
    if (number % kFits == 0) {
      state.PauseTiming();
      keeper.clear();
      state.ResumeTiming();
    }
    keeper.keep(kFits + number++);
  }
  if (keeper.store().evictions() != 0) state.SkipWithError("there was no room");
}
BENCHMARK(keep_while_there_is_room);

void keep_while_another_goes(benchmark::State& state) {
  Keeper keeper(kFits * 136);
  for (std::uint64_t i = 0; i < 2 * kFits; ++i) keeper.keep(i);
  const std::uint64_t before = keeper.store().evictions();
  std::uint64_t number = 0;
  for (auto _ : state) keeper.keep(2 * kFits + number++);
  if (keeper.store().evictions() - before != static_cast<std::uint64_t>(state.iterations())) {
    state.SkipWithError("nothing went");
  }
}
BENCHMARK(keep_while_another_goes);

}  // namespace

BENCHMARK_MAIN();
