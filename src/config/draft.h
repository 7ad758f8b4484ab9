// A configuration on its way from text to a checked Config: the values, and where each came from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/key.h"
#include "config/problems.h"
#include "config/value.h"

namespace dotkeep::config {

// Where something was written: "upstream[1]" and its table, or "--upstream" and none.
struct Place {
  std::string path;
  const Value* table = nullptr;

  // What an error at the table's key `name` is headed with; the command line has no keys.
  [[nodiscard]] std::string key(std::string_view name) const {
    return table == nullptr ? path : path + "." + std::string(name);
  }
  // The line of that key, or of the table when it was left out.
  [[nodiscard]] std::uint32_t line(std::string_view name) const {
    if (table == nullptr) return 0;
    const Value* const value = table->find(name);
    return value == nullptr ? table->line : value->line;
  }
};

struct Draft {
  Config config = defaults();
  const Value* file = nullptr;  // the whole document
  // At the same index as the config's lists.
  std::vector<Place> listen_at;
  std::vector<Place> upstream_at;
  std::vector<bool> identified;  // a name or a pin was given, right or wrong
  std::vector<RouteText> routes;
  std::vector<Place> route_at;

  // The line of a key of a plain section; 0 when it is not in the file.
  [[nodiscard]] std::uint32_t line_of(std::string_view section, std::string_view key) const {
    const Value* const table = file->find(section);
    const Value* const value = table == nullptr ? nullptr : table->find(key);
    return value == nullptr ? 0 : value->line;
  }
};

// The file into the draft: every key known, of its kind and within its bounds.
void read_file(const Value& file, Draft& draft, Problems& problems);

// The command line over the file.
void apply(const Overrides& overrides, Draft& draft, Problems& problems);

// What left out means, and what no key can tell alone: references resolve, nothing is there twice,
// nothing is opened by accident.
void complete(Draft& draft, Problems& problems);
// Its parts for [access], and for [limits] and [cache].
void complete_access(Draft& draft, Problems& problems);
void check_limits(Draft& draft, Problems& problems);

}  // namespace dotkeep::config
