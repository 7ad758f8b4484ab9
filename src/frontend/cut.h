// What is left of a response that the way to its client cannot carry in one piece.
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace dotkeep::frontend {

// Makes a response of ours one that says "ask over TCP": TC=1, the question and no records, its OPT
// neither. The octets that are left; 0 for what is no such response, or would be no shorter.
[[nodiscard]] std::size_t cut_to_question(MutableOctets response);

}  // namespace dotkeep::frontend
