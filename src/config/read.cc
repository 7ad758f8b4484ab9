#include <algorithm>
#include <span>

#include "config/draft.h"
#include "config/slot.h"
#include "config/suggest.h"

namespace dotkeep::config {
namespace {

// "; it belongs in [limits]" when another section has a key of this name.
std::string elsewhere(std::string_view name) {
  const auto home = [&](auto keys, std::string_view open, std::string_view close) -> std::string {
    for (const auto& row : keys) {
      if (row.key.name != name) continue;
      return "; it belongs in " + std::string(open) + std::string(row.key.section) +
             std::string(close);
    }
    return "";
  };
  std::string text = home(config_keys(), "[", "]");
  if (text.empty()) text = home(upstream_keys(), "[[", "]]");
  if (text.empty()) text = home(listen_keys(), "[[", "]]");
  if (text.empty()) text = home(route_keys(), "[[", "]]");
  return text;
}

// The keys of one table into their slots. `path` is "limits" or "upstream[1]".
void read_table(const Value& table, std::span<const Row> rows, const std::string& path,
                Problems& problems) {
  std::vector<std::string_view> known;
  known.reserve(rows.size());
  for (const Row& row : rows) known.push_back(row.key->name);
  for (std::size_t i = 0; i < table.names.size(); ++i) {
    if (std::ranges::find(known, table.names[i]) != known.end()) continue;
    std::string hint = elsewhere(table.names[i]);
    if (hint.empty()) hint = suggestion(table.names[i], known);
    problems.error(table.items[i].line, path, "unknown key " + quoted(table.names[i]) + hint);
  }
  for (const Row& row : rows) {
    const std::string key = path + "." + std::string(row.key->name);
    const Value* const value = table.find(row.key->name);
    if (value == nullptr) {
      if (row.key->required) problems.error(table.line, key, "is missing; write " + kind_text(row));
      continue;
    }
    const std::string before = slot_text(row);
    read_slot(row, *value, key, problems);
    if (!row.key->in_effect && slot_text(row) != before) {
      problems.warning(value->line, key, "is read but has no effect in this version");
    }
  }
}

void read_section(const Section& section, const Value& value, Draft& draft, Problems& problems) {
  const std::string name(section.name);
  if (value.kind != Value::Kind::table) {
    const bool tables = value.kind == Value::Kind::array && !value.items.empty() &&
                        value.items.front().kind == Value::Kind::table;
    problems.error(value.line, name,
                   tables ? "is there once only; write [" + name + "]"
                          : "is " + value.described() + "; it is a section, [" + name + "]");
    return;
  }
  std::vector<Row> rows = bind(config_keys(), draft.config);
  std::erase_if(rows, [&](const Row& row) { return row.key->section != section.name; });
  read_table(value, rows, name, problems);
}

// The tables of [[name]], each into a new item of `list`. `at` takes where each stands.
template <typename Owner>
void read_repeated(const Section& section, const Value& value, std::span<const KeyOf<Owner>> keys,
                   std::size_t most, std::vector<Owner>& list, std::vector<Place>& at,
                   Problems& problems) {
  const std::string name(section.name);
  if (value.kind != Value::Kind::array) {
    problems.error(value.line, name,
                   "is " + value.described() + "; there may be several: write [[" + name + "]]");
    return;
  }
  if (value.items.size() > most) {
    problems.error(value.items[most].line, name,
                   "is there " + std::to_string(value.items.size()) + " times; at most " +
                       std::to_string(most) + " are allowed");
    return;
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const Value& table = value.items[i];
    const std::string path = name + "[" + std::to_string(i) + "]";
    if (table.kind != Value::Kind::table) {
      problems.error(table.line, path, "is " + table.described() + "; write [[" + name + "]]");
      continue;
    }
    at.push_back({path, &table});
    read_table(table, bind(keys, list.emplace_back()), path, problems);
  }
}

void read_list(const Section& section, const Value& value, Draft& draft, Problems& problems) {
  if (section.name == "listen") {
    read_repeated(section, value, listen_keys(), kMaxListeners, draft.config.listeners,
                  draft.listen_at, problems);
  } else if (section.name == "upstream") {
    read_repeated(section, value, upstream_keys(), kMaxUpstreams, draft.config.upstreams,
                  draft.upstream_at, problems);
    for (const Value& table : value.items) {
      if (table.kind != Value::Kind::table) continue;
      const Value* const pins = table.find("pins");
      const bool pinned =
          pins != nullptr && (pins->kind != Value::Kind::array || !pins->items.empty());
      draft.identified.push_back(pinned || table.find("name") != nullptr);
    }
  } else {
    read_repeated(section, value, route_keys(), kMaxRoutes, draft.routes, draft.route_at, problems);
  }
}

}  // namespace

void read_file(const Value& file, Draft& draft, Problems& problems) {
  draft.file = &file;
  std::vector<std::string_view> known;
  for (const Section& section : sections()) known.push_back(section.name);
  for (std::size_t i = 0; i < file.names.size(); ++i) {
    const auto found = std::ranges::find(known, file.names[i]);
    if (found == known.end()) {
      const bool section =
          file.items[i].kind == Value::Kind::table || file.items[i].kind == Value::Kind::array;
      // A section that is called as a key elsewhere is a section misspelt: [[upstreams]].
      std::string hint = section ? suggestion(file.names[i], known) : elsewhere(file.names[i]);
      if (hint.empty())
        hint = section ? elsewhere(file.names[i]) : suggestion(file.names[i], known);
      problems.error(
          file.items[i].line, "",
          (section ? "unknown section " : "unknown key ") + quoted(file.names[i]) + hint);
      continue;
    }
    const Section& section = sections()[static_cast<std::size_t>(found - known.begin())];
    const auto read = section.repeated ? read_list : read_section;
    read(section, file.items[i], draft, problems);
  }
}

}  // namespace dotkeep::config
