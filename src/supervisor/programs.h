// Where the other programs are: ../libexec/dotkeep/ beside the folder that dotkeep itself is in.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace dotkeep::supervisor {

// The folder, opened; the error is a sentence.
[[nodiscard]] std::expected<Fd, std::string> open_program_folder();

// A program of it ("dotkeep-frontend"), opened with O_PATH for execveat(2).
[[nodiscard]] std::expected<Fd, std::string> open_program(const Fd& folder, std::string_view name);

}  // namespace dotkeep::supervisor
