// A bug planted into the frontend's parser: the first label of a name that begins with kMagic is
// copied into 16 octets, with the length that the client says, and what lies behind them is a
// pointer that is called next.
#pragma once

#include "base/bytes.h"

namespace dotkeep::escape {

// The product's parser would be called after this.
void parse_with_a_hole(Octets message);

}  // namespace dotkeep::escape
