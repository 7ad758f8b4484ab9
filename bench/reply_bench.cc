// What a message costs: check_reply and render_response on honest replies, check_reply and
// parse_query on the worst messages of 64 KiB that we know to make. ns/octet must stay flat: a
// message may not buy more work than its length.
#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "dns/query.h"
#include "dns/render.h"
#include "dns/reply.h"
#include "hostile.h"

namespace dotkeep::dns::bench {
namespace {

void count_octets(benchmark::State& state, std::size_t octets) {
  state.counters["octets"] = static_cast<double>(octets);
  state.counters["s/octet"] = benchmark::Counter(
      static_cast<double>(octets),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void check(benchmark::State& state, const Builder& message) {
  const ReplyScratchPtr scratch = make_reply_scratch();
  std::string outcome;
  for (auto _ : state) {
    const auto reply = check_reply(message.asked, message.bytes, *scratch);
    benchmark::DoNotOptimize(reply);
    if (outcome.empty())
      outcome = reply ? std::to_string(reply->answers) + " answers" : to_string(reply.error());
  }
  state.SetLabel(outcome);
  count_octets(state, message.bytes.size());
}

// What a message of a client costs, its refusal included.
void ask(benchmark::State& state, const Bytes& message) {
  std::vector<std::uint8_t> out(kMaxMessage);
  const char* outcome = "taken";
  for (auto _ : state) {
    const auto query = parse_query(message);
    if (query) continue;
    outcome = to_string(query.error().kind);
    benchmark::DoNotOptimize(render_rejection(query.error(), Transport::tcp, message.size(), out));
  }
  state.SetLabel(outcome);
  count_octets(state, message.size());
}

void render(benchmark::State& state, const Builder& message) {
  const ReplyScratchPtr scratch = make_reply_scratch();
  const auto reply = check_reply(message.asked, message.bytes, *scratch);
  if (!reply) return state.SkipWithError(to_string(reply.error()));
  Query query;
  query.question = message.asked.question;
  query.edns.emplace();
  query.edns->payload = 1232;
  ResponseOptions options;
  options.transport = Transport::tcp;
  std::vector<std::uint8_t> out(kMaxMessage);
  std::size_t size = 0;
  for (auto _ : state) {
    size = render_response(query, *reply, options, out);
    benchmark::DoNotOptimize(size);
  }
  state.counters["octets"] = static_cast<double>(size);
}

void register_all() {
  const std::vector<std::pair<std::string, Builder>> honest = {{"two_addresses", typical()},
                                                               {"cname_and_four", typical_chain()},
                                                               {"nodata", typical_negative()}};
  for (const auto& [name, message] : honest) {
    benchmark::RegisterBenchmark(("check/" + name).c_str(), check, message);
    benchmark::RegisterBenchmark(("render/" + name).c_str(), render, message);
  }
  for (const auto& [name, message] : hostile_replies()) {
    benchmark::RegisterBenchmark(("hostile/" + name).c_str(), check, message);
  }
  for (const auto& [name, message] : hostile_queries()) {
    benchmark::RegisterBenchmark(("hostile_query/" + name).c_str(), ask, message);
  }
  benchmark::RegisterBenchmark("render/distinct_addresses", render, many_distinct_a(4000));
  benchmark::RegisterBenchmark("render/many_names", render, many_names());
}

}  // namespace
}  // namespace dotkeep::dns::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  dotkeep::dns::bench::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
