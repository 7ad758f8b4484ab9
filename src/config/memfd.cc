#include "config/memfd.h"

#include "base/log.h"
#include "base/memfd.h"

namespace dotkeep::config {

std::optional<Config> read_memfd(int fd) {
  const auto text = read_whole(fd, kMaxFileOctets);
  if (!text) {
    log::error("configuration cannot be read");
    return std::nullopt;
  }
  auto parsed = parse(*text);
  if (!parsed) {
    for (const Problem& problem : parsed.error()) {
      log::error("configuration is not valid", {{"problem", problem.to_text("memfd")}});
    }
    return std::nullopt;
  }
  return std::move(parsed->config);
}

}  // namespace dotkeep::config
