#include <fmt/format.h>

#include <cerrno>

#include "supervisor/commands.h"
#include "supervisor/operators_file.h"
#include "supervisor/standard_streams.h"

namespace dotkeep::supervisor {

void say_on_standard_error(const std::string& problem) {
  put_on_standard_error(problem + "\n");
}

std::optional<Loaded> load_config(const ConfigSource& source, Say say) {
  Loaded loaded;
  loaded.file = source.file.value_or(kDefaultConfig);
  auto text = read_operators_file(loaded.file, config::kMaxFileOctets);
  // Without a file the command line may say enough; a file that was named must be there.
  if (!text && !source.file && text.error().error == ENOENT &&
      !source.overrides.upstreams.empty()) {
    loaded.file = "command line";
    text = std::string();
  }
  if (!text) {
    say(fmt::format("{}: {}", loaded.file, text.error().why));
    if (!source.file) {
      say("name a file with --config, or an upstream with --upstream 'ADDR:PORT#NAME' (see "
          "'dotkeep run --help')");
    }
    return std::nullopt;
  }
  auto parsed = config::parse(*text, source.overrides);
  if (!parsed) {
    for (const config::Problem& problem : parsed.error()) say(problem.to_text(loaded.file));
    return std::nullopt;
  }
  loaded.parsed = std::move(*parsed);
  return loaded;
}

}  // namespace dotkeep::supervisor
