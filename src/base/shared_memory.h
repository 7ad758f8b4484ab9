// Memory that several processes see: a memfd of a fixed size, made before anything is sealed and
// mapped by each process before its own seal.
#pragma once

#include <cstddef>
#include <optional>

#include "base/fd.h"

namespace dotkeep {

// A memfd of `size` octets, all zero, that nobody can make larger or smaller: who maps it is never
// surprised by SIGBUS. Nothing when the kernel gives none.
[[nodiscard]] std::optional<Fd> make_shared_memfd(const char* name, std::size_t size);

// Another descriptor of the same memory that it cannot be written through, nor mapped to be
// written.
[[nodiscard]] std::optional<Fd> read_only(const Fd& memory);

// The whole of it, readable and writable, for the rest of the process's life; the descriptor may be
// closed. `size` is what it was made with. Null when the kernel does not map it.
[[nodiscard]] void* map_shared(int fd, std::size_t size);

// The same for who only reads: a write to it ends the process.
[[nodiscard]] const void* map_shared_to_read(int fd, std::size_t size);

}  // namespace dotkeep
