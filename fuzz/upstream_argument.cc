// An --upstream option from anywhere: no crash, and what is accepted is written back as the same.
// Its parts, the other texts of the command line, are read too.
#include "config/config.h"
#include "fuzz.h"

namespace config = dotkeep::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  if (const auto upstream = config::parse_upstream_argument(text)) {
    FUZZ_CHECK(upstream->endpoint.port != 0);
    const std::string name = upstream->name.empty() ? "" : "#" + upstream->name;
    const auto again = config::parse_upstream_argument(upstream->endpoint.to_text() + name);
    FUZZ_CHECK(again.has_value());
    FUZZ_CHECK(again->endpoint == upstream->endpoint);
    FUZZ_CHECK(again->name == upstream->name);
  }
  if (const auto prefix = config::parse_prefix(text)) {
    FUZZ_CHECK(config::parse_prefix(prefix->to_text()) == *prefix);
    FUZZ_CHECK(prefix->contains(*prefix));
  }
  if (const auto pin = config::parse_pin(text)) {
    const std::string canonical = config::pin_text(*pin);
    FUZZ_CHECK(text == canonical || text == "sha256/" + canonical);
  }
  return 0;
}
