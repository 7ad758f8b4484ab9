// What a worker that was taken does to its neighbours, in real processes: a stand-in is told by the
// configuration, which it reads as the product does, "stand-in-ROOM-WORD" as the id of an upstream.
#pragma once

#include <string>

#include "escape/attempt.h"

namespace dotkeep::escape {

// The WORD for `room` in a configuration's text; empty: none.
[[nodiscard]] std::string hostile_word(const std::string& config, const char* room);

// Does what the word says, once; returns where the process lives on and is to serve as usual.
void misbehave(Room room, const std::string& word);

}  // namespace dotkeep::escape
