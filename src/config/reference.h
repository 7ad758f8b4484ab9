// docs/configuration.md, from the key table.
#pragma once

#include <string>

namespace dotkeep::config {

// The whole page in Markdown. tests/config/reference_test.cc holds the file against it.
[[nodiscard]] std::string reference();

}  // namespace dotkeep::config
