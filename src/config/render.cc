// The effective configuration as text: what workers are given and `dotkeep check` can show.
#include "config/draft.h"
#include "config/slot.h"

namespace dotkeep::config {
namespace {

template <typename Owner>
void render_table(std::string& out, std::string_view section, std::span<const KeyOf<Owner>> keys,
                  Owner owner) {
  out += section;
  out += '\n';
  for (const Row& row : bind(keys, owner)) {
    const std::string text = slot_text(row);
    // A text or list that may be left out is, when there is none: an empty name would be refused.
    const bool nothing = text == "\"\"" || text == "[]";
    if (nothing && !row.key->otherwise.empty()) continue;
    out += std::string(row.key->name) + " = " + text + "\n";
  }
  out += '\n';
}

void render_section(std::string& out, std::string_view section, Config config) {
  out += "[" + std::string(section) + "]\n";
  for (const Row& row : bind(config_keys(), config)) {
    if (row.key->section == section) {
      out += std::string(row.key->name) + " = " + slot_text(row) + "\n";
    }
  }
  out += '\n';
}

RouteText route_text(const Route& route, const Config& config) {
  RouteText text{route.domain, {}};
  for (const std::size_t index : route.upstreams) {
    text.upstreams.push_back(config.upstreams[index].id);
  }
  return text;
}

}  // namespace

std::string render(const Config& config) {
  std::string out;
  for (const Section& section : sections()) {
    if (!section.repeated) {
      render_section(out, section.name, config);
    } else if (section.name == "listen") {
      for (const Listen& item : config.listeners) {
        render_table(out, "[[listen]]", listen_keys(), item);
      }
    } else if (section.name == "upstream") {
      for (const Upstream& item : config.upstreams) {
        render_table(out, "[[upstream]]", upstream_keys(), item);
      }
    } else {
      for (const Route& item : config.routes) {
        render_table(out, "[[route]]", route_keys(), route_text(item, config));
      }
    }
  }
  out.pop_back();  // the blank line after the last section
  return out;
}

}  // namespace dotkeep::config
