#include "config/address_kind.h"
#include "config/draft.h"

namespace dotkeep::config {

Config defaults() {
  Config config;
  config.access.allow.assign(local_prefixes().begin(), local_prefixes().end());
  config.names.special.assign(special_words().begin(), special_words().end());
  return config;
}

std::expected<Parsed, std::vector<Problem>> parse(std::string_view toml,
                                                  const Overrides& overrides) {
  // After an error of syntax nothing that follows could be trusted to mean what was written.
  const auto file = read_toml(toml);
  if (!file) return std::unexpected(std::vector<Problem>{file.error()});
  Problems problems;
  Draft draft;
  read_file(*file, draft, problems);
  apply(overrides, draft, problems);
  complete(draft, problems);
  if (problems.any_errors()) return std::unexpected(problems.errors());
  std::string text = render(draft.config);
  return Parsed{std::move(draft.config), problems.warnings(), std::move(text)};
}

}  // namespace dotkeep::config
