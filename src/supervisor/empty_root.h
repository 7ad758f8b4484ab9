// A folder in which nothing is and nothing can ever be made: the root of a worker's file system.
#pragma once

#include "base/fd.h"

namespace dotkeep::supervisor {

// Made, opened and removed again: the kernel keeps a removed folder for who has it open, and lets
// nobody put anything into it. Empty where no folder may be made anywhere (a container that is
// wholly read-only): the layer is missing then.
[[nodiscard]] Fd make_empty_root();

}  // namespace dotkeep::supervisor
