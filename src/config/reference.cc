#include "config/reference.h"

#include "config/draft.h"
#include "config/slot.h"

namespace dotkeep::config {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string_view::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string default_text(const Row& row) {
  if (row.key->required) return "none: must be given";
  if (!row.key->otherwise.empty()) return "left out: " + std::string(row.key->otherwise);
  std::string text = slot_text(row);
  replace_all(text, "[\n  ", "[");
  replace_all(text, ",\n]", "]");
  replace_all(text, ",\n  ", ", ");
  return "`" + text + "`";
}

void add_rows(std::string& out, const std::vector<Row>& rows, std::string_view section) {
  for (const Row& row : rows) {
    const Key& key = *row.key;
    if (key.section != section) continue;
    out += "- **`" + std::string(key.name) + "`** is " + kind_text(row);
    if (key.bounds.most != 0) {
      const bool list = std::holds_alternative<std::vector<Prefix>*>(row.slot) ||
                        std::holds_alternative<std::vector<Pin>*>(row.slot) ||
                        std::holds_alternative<std::vector<std::string>*>(row.slot);
      const std::string range = range_text(row);
      out += list ? ", of " + range.substr(range.find(' ') + 1) + " items" : ", " + range;
      out += " (" + std::string(key.bounds.why) + ")";
    }
    if (key.port != 0) out += "; without a port it is " + std::to_string(key.port);
    out += ".\n  " + std::string(key.about);
    if (!key.in_effect) out += " *No effect in this version yet.*";
    out += "\n  Default: " + default_text(row) + ".\n";
  }
}

}  // namespace

std::string reference() {
  std::string out =
      "# Configuration\n\n"
      "Made from the key table in `src/config/keys.cc`; edit that, not this page.\n\n"
      "dotkeep reads one TOML file, `/etc/dotkeep/dotkeep.toml` unless `--config` says otherwise. "
      "`dotkeep check` reports every error in it at once, with line and key. An unknown key is an "
      "error. Times and sizes are texts with a unit: `ms`, `s`, `m`, `h`, `d`; `KiB`, `MiB`, "
      "`GiB`. "
      "Addresses are IPv4, or IPv6 in brackets; no name is looked up. On the command line "
      "`--listen` "
      "replaces every `[[listen]]`, and `--upstream` every `[[upstream]]`. Examples for public "
      "resolvers are in `deploy/examples/`.\n";
  Config config = defaults();
  Listen listen;
  Upstream upstream;
  RouteText route;
  for (const Section& section : sections()) {
    const std::string name(section.name);
    out += "\n## `" + (section.repeated ? "[[" + name + "]]" : "[" + name + "]") + "`\n\n";
    out += std::string(section.about) + "\n\n";
    add_rows(out, bind(config_keys(), config), section.name);
    add_rows(out, bind(listen_keys(), listen), section.name);
    add_rows(out, bind(upstream_keys(), upstream), section.name);
    add_rows(out, bind(route_keys(), route), section.name);
  }
  return out;
}

}  // namespace dotkeep::config
