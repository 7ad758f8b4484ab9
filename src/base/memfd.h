// Text in memory that no process can change any more: how the configuration reaches the workers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace dotkeep {

// A memfd that holds `content` and is sealed against writing, growing and shrinking. Nothing when
// the kernel gives none.
[[nodiscard]] std::optional<Fd> make_sealed_memfd(const char* name, std::string_view content);

// All that a descriptor holds, from its start, whatever its offset is. Nothing when it cannot be
// read or is larger than `limit` octets.
[[nodiscard]] std::optional<std::string> read_whole(int fd, std::size_t limit);

}  // namespace dotkeep
