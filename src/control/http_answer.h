// What a scraper gets back: one answer, and the connection's end.
#pragma once

#include <cstddef>

#include "control/text.h"

namespace dotkeep::control {

inline constexpr std::size_t kMaxAnswerHeader = 512;

// `head`: everything but the body. A body that did not fit becomes an error of ours.
void http_answer(unsigned status, bool head, const Text& body, Text& out);
// A line of text that says what was wrong.
void http_error(unsigned status, bool head, Text& out);

}  // namespace dotkeep::control
