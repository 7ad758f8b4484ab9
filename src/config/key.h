// What a key of the configuration is: one row of a table says where it stands, what it holds, what
// is allowed and what it is for. Reading, checking, suggestions, the effective text and the manual
// page all come from the rows; a new key is one row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.h"
#include "config/names.h"

namespace dotkeep::config {

// Where a key's value is kept; the type says how it is written.
using Slot =
    std::variant<std::string*,               // text
                 std::uint32_t*,             // a whole number
                 std::uint64_t*,             // a size in octets
                 Duration*,                  // a time
                 bool*,                      // words[0] is false, words[1] is true
                 std::uint8_t*,              // an enumeration: the index into words
                 Endpoint*,                  // ADDR:PORT
                 std::vector<Prefix>*,       // a list of prefixes
                 std::vector<Pin>*,          // a list of pins
                 std::vector<std::string>*,  // a list of texts, of `words` if there are any
                 Listen*>;                   // its protocols

// Compilers ask for every field that a row leaves out, but for those with an initializer.
// NOLINTBEGIN(readability-redundant-member-init)

// The least and the most that is allowed (octets, nanoseconds, list items or just numbers), and
// why.
struct Bounds {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::string_view why{};
};

struct Key {
  std::string_view section{};
  std::string_view name{};
  std::string_view about{};  // one sentence for the manual
  Bounds bounds{};
  std::span<const std::string_view> words{};
  Complaint (*check)(std::string&) = nullptr;  // for text and each item of a list of texts
  std::uint16_t port = 0;                      // of an Endpoint without one
  bool required = false;
  bool in_effect = true;         // false: read and checked, but this version does nothing with it
  std::string_view otherwise{};  // what holds when it is left out, where no default value says it
};

// NOLINTEND(readability-redundant-member-init)

inline constexpr Bounds kPrefixes{0, 1024, "the list is looked through for every query"};

// A row: a key and where it is kept in an Owner.
template <typename Owner>
struct KeyOf {
  Key key;
  Slot (*slot)(Owner&);
};

// Every enumeration of the configuration has one octet, which a character type may look at.
template <typename Enum>
[[nodiscard]] Slot choice(Enum& value) {
  static_assert(sizeof(Enum) == 1);
  return reinterpret_cast<std::uint8_t*>(&value);
}

// A row whose owner is known.
struct Row {
  const Key* key;
  Slot slot;
};

template <typename Owner>
[[nodiscard]] std::vector<Row> bind(std::span<const KeyOf<Owner>> keys, Owner& owner) {
  std::vector<Row> rows;
  rows.reserve(keys.size());
  for (const KeyOf<Owner>& key : keys) rows.push_back({&key.key, key.slot(owner)});
  return rows;
}

// A [[route]] as written: its upstreams by id.
struct RouteText {
  std::string domain;
  std::vector<std::string> upstreams;
};

struct Section {
  std::string_view name;
  bool repeated;  // [[name]]
  std::string_view about;
};

// In the order in which they are documented and rendered; the keys of one section stand together.
[[nodiscard]] std::span<const Section> sections();
[[nodiscard]] std::span<const KeyOf<Config>> config_keys();
[[nodiscard]] std::span<const KeyOf<Listen>> listen_keys();
[[nodiscard]] std::span<const KeyOf<Upstream>> upstream_keys();
[[nodiscard]] std::span<const KeyOf<RouteText>> route_keys();

// Names that sandbox.require may list; the same as sandbox::layer_names(), and "all".
[[nodiscard]] std::span<const std::string_view> layer_words();

// Names that names.special may list; the same as admission::kSpecialWords.
[[nodiscard]] std::span<const std::string_view> special_words();

inline constexpr std::size_t kMaxRoutes = 256;  // looked through for every query

}  // namespace dotkeep::config
