// Text to Document. Hostile input is not expected here, mistakes are: every one is an error with
// its line, because a policy that means something else than it says is worse than none.
#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "policyc/document.h"

namespace dotkeep::policyc {

// Far above any policy that a person could review; they bound the parser's work.
inline constexpr std::size_t kMaxText = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxLine = 300;
inline constexpr std::size_t kMaxLines = 2000;
inline constexpr std::size_t kMaxAlternatives = 8;  // names in one line
inline constexpr std::size_t kMaxSet = 32;          // values in one {...}
inline constexpr std::size_t kMaxInherits = 16;

// Every problem of the text, or the document. Names, arguments, symbols and reasons are checked
// here; what needs the whole document (duplicates, contradictions) by check().
[[nodiscard]] std::expected<Document, std::vector<Problem>> parse(std::string_view text);

// Duplicate lines, lines that another one already includes, a call both allowed and answered, an
// overlay or a room with lines that it cannot have.
[[nodiscard]] std::vector<Problem> check(const Document& document);

}  // namespace dotkeep::policyc
