#include "config/value.h"

#include <algorithm>

#include "config/problems.h"

namespace dotkeep::config {

const Value* Value::find(std::string_view name) const {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? nullptr : &items[static_cast<std::size_t>(found - names.begin())];
}

std::string Value::described() const {
  switch (kind) {
    case Kind::table:
      return "a table";
    case Kind::array:
      return "an array";
    case Kind::text:
      return "the text " + quoted(text);
    case Kind::number:
      return "the number " + std::to_string(number);
    case Kind::boolean:
      return number != 0 ? "true" : "false";
    case Kind::other:
      break;
  }
  return "a date, a time or a fraction";
}

}  // namespace dotkeep::config
