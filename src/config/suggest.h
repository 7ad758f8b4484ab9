// "did you mean": the known word nearest to an unknown one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dotkeep::config {

// "; did you mean 'address'?" or, when nothing is near, "". Cost: length squared per candidate, of
// at most 32 octets each.
[[nodiscard]] std::string suggestion(std::string_view unknown,
                                     std::span<const std::string_view> known);

}  // namespace dotkeep::config
