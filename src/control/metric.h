// What is counted, for people: one row for each name that a page may use. docs/metrics.md is made
// from it, and a test holds it against the names that the rooms give.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace dotkeep::control {

enum class Source : std::uint8_t { frontend, server, process, control };

struct Metric {
  Source source;
  std::string_view what;   // as in the page, or the whole name behind "dotkeep_"
  bool gauge;              // goes up and down; else it only grows
  std::string_view about;  // one sentence
};

[[nodiscard]] std::span<const Metric> metrics();
// Whether a page of `source` may use the name. Not what is shown of something else: two metrics of
// one name make a strict reader refuse all of them.
[[nodiscard]] bool may_name(Source source, std::string_view what);
// Null: a name that this program does not know.
[[nodiscard]] const Metric* find_metric(Source source, std::string_view what);

}  // namespace dotkeep::control
