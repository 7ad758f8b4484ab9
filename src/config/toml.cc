// The one file that knows toml++ (header-only here and nowhere else).
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#define TOML_MAX_NESTED_VALUES 16  // above kMaxNesting, so that prescan() is what speaks
#include <toml++/toml.h>

#include "config/prescan.h"
#include "config/value.h"

namespace dotkeep::config {
namespace {

static_assert(TOML_MAX_NESTED_VALUES > kMaxNesting);

// Recursion is as deep as the document, which prescan() has bounded.
Value convert(const toml::node& node) {  // NOLINT(misc-no-recursion)
  Value value;
  value.line = static_cast<std::uint32_t>(node.source().begin.line);
  if (const auto* table = node.as_table()) {
    value.kind = Value::Kind::table;
    for (const auto& [key, item] : *table) {
      value.names.emplace_back(key.str());
      value.items.push_back(convert(item));
    }
  } else if (const auto* array = node.as_array()) {
    value.kind = Value::Kind::array;
    for (const auto& item : *array) value.items.push_back(convert(item));
  } else if (const auto* text = node.as_string()) {
    value.kind = Value::Kind::text;
    value.text = text->get();
  } else if (const auto* number = node.as_integer()) {
    value.kind = Value::Kind::number;
    value.number = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = Value::Kind::boolean;
    value.number = boolean->get() ? 1 : 0;
  }
  return value;
}

}  // namespace

std::expected<Value, Problem> read_toml(std::string_view text) {
  if (auto problem = prescan(text)) return std::unexpected(std::move(*problem));
  const toml::parse_result result = toml::parse(text);
  if (!result) {
    const toml::parse_error& error = result.error();
    return std::unexpected(Problem{false, static_cast<std::uint32_t>(error.source().begin.line), "",
                                   "is not TOML: " + std::string(error.description())});
  }
  return convert(result.table());
}

}  // namespace dotkeep::config
