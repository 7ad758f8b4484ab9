// What a reply costs: check_reply and render_response on honest replies, and check_reply on the
// worst messages of 64 KiB that we know to make. ns/octet must stay flat: a message may not buy
// more work than its length.
#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "dns/render.h"
#include "dns/reply.h"
#include "reply_messages.h"

namespace dotkeep::dns::bench {
namespace {

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
  state.counters["octets"] = static_cast<double>(message.bytes.size());
  state.counters["s/octet"] = benchmark::Counter(
      static_cast<double>(message.bytes.size()),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
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
  const std::vector<std::pair<std::string, Builder>> hostile = {
      {"distinct_addresses", many_distinct_a()},
      {"equal_addresses", many_equal_a()},
      {"many_owners", many_owners()},
      {"pointer_ladders", pointer_ladders(0)},
      {"pointer_ladders_dropped", pointer_ladders(2)},
      {"bare_pointers", bare_pointers()},
      {"soas_of_long_names", soas_of_long_names()},
      {"many_strings", many_strings()},
      {"many_params", many_params()},
      {"longest_chain_among_dnames", longest_chain_among_dnames()},
      {"many_proofs", many_proofs()},
      {"many_wrong_soas", many_wrong_soas()},
      {"many_edes", many_edes()},
  };
  for (const auto& [name, message] : honest) {
    benchmark::RegisterBenchmark(("check/" + name).c_str(), check, message);
    benchmark::RegisterBenchmark(("render/" + name).c_str(), render, message);
  }
  for (const auto& [name, message] : hostile) {
    benchmark::RegisterBenchmark(("hostile/" + name).c_str(), check, message);
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
