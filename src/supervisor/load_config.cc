#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/fd.h"
#include "base/memfd.h"
#include "supervisor/commands.h"

namespace dotkeep::supervisor {

void say_on_standard_error(const std::string& problem) {
  fmt::print(stderr, "{}\n", problem);
}

std::optional<Loaded> load_config(const ConfigSource& source, Say say) {
  Loaded loaded;
  loaded.file = source.file.value_or(kDefaultConfig);
  std::string text;
  // Not to wait for who writes into a pipe: the supervisor has others to watch.
  const Fd fd(::open(loaded.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  // Without a file the command line may say enough; a file that was named must be there.
  const bool optional = !source.file && errno == ENOENT && !source.overrides.upstreams.empty();
  if (fd) {
    auto content = read_whole(fd.get(), config::kMaxFileOctets);
    if (!content) {
      say(fmt::format("{}: cannot be read, or is larger than {} octets", loaded.file,
                      config::kMaxFileOctets));
      return std::nullopt;
    }
    text = std::move(*content);
  } else if (optional) {
    loaded.file = "command line";
  } else {
    say(fmt::format("{}: {}", loaded.file, std::strerror(errno)));
    if (!source.file) {
      say("name a file with --config, or an upstream with --upstream 'ADDR:PORT#NAME' (see "
          "'dotkeep run --help')");
    }
    return std::nullopt;
  }
  auto parsed = config::parse(text, source.overrides);
  if (!parsed) {
    for (const config::Problem& problem : parsed.error()) say(problem.to_text(loaded.file));
    return std::nullopt;
  }
  loaded.parsed = std::move(*parsed);
  return loaded;
}

}  // namespace dotkeep::supervisor
