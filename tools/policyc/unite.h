// What a room's filter is made of, when its own file is not all of it.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "policyc/document.h"

namespace dotkeep::policyc {

// The document of a room by name, or nothing.
using FindRoom = std::function<std::optional<Document>(const std::string& room)>;

// `document` with the start and run lines of the rooms that it inherits from as run lines of its
// own, before its own (a child's hot calls pass the filter of its parent too), start lines last.
// A child's `answer` is no right and not taken over. Inheriting is one level deep: rooms that
// inherit themselves cannot be inherited.
[[nodiscard]] std::expected<Document, Problem> unite(const Document& document,
                                                     const FindRoom& find_room);

// Adds what a sanitizer's runtime needs; what it allows is answered no more.
void overlay(Document& document, const Document& overlay);

}  // namespace dotkeep::policyc
