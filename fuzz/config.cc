// A configuration from anywhere: no crash, every problem is whole, and what is accepted is a fixed
// point: its effective text is accepted again and says the same.
#include "config/config.h"

#include "fuzz.h"

namespace {

using namespace std::string_view_literals;
namespace config = dotkeep::config;

void check_problem(const config::Problem& problem) {
  FUZZ_CHECK(!problem.message.empty());
  for (const char octet : problem.to_text("f"sv)) {
    FUZZ_CHECK(octet == '\n' || (octet >= ' ' && octet <= '~'));
  }
}

void check_config(const config::Config& parsed) {
  FUZZ_CHECK(!parsed.upstreams.empty() && parsed.upstreams.size() <= config::kMaxUpstreams);
  FUZZ_CHECK(!parsed.listeners.empty() && parsed.listeners.size() <= config::kMaxListeners);
  for (const config::Upstream& upstream : parsed.upstreams) {
    FUZZ_CHECK(upstream.endpoint.port != 0);
    FUZZ_CHECK(!upstream.name.empty() || !upstream.pins.empty());
  }
  for (const config::Route& route : parsed.routes) {
    FUZZ_CHECK(!route.domain.empty() && !route.upstreams.empty());
    for (const std::size_t index : route.upstreams) FUZZ_CHECK(index < parsed.upstreams.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto parsed = config::parse(text);
  if (!parsed) {
    FUZZ_CHECK(!parsed.error().empty());
    for (const config::Problem& problem : parsed.error()) check_problem(problem);
    return 0;
  }
  for (const config::Problem& problem : parsed->warnings) check_problem(problem);
  check_config(parsed->config);
  const auto again = config::parse(parsed->text);
  FUZZ_CHECK(again.has_value());
  FUZZ_CHECK(again->text == parsed->text);
  check_config(again->config);
  return 0;
}
