// A file whose name an operator gave.
#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace dotkeep::supervisor {

struct FileError {
  int error = 0;    // errno of open(2); 0: it was opened and is not to be had all the same
  std::string why;  // "No such file or directory", "is not a regular file", "is larger than ..."
};

// All that is in it, `limit` octets at most. Whatever the name leads to, this comes back: nothing
// waits for who writes into a pipe, and no terminal becomes the process's own. That is for regular
// files only, so that a device has no say either. Allowed to the sealed supervisor.
[[nodiscard]] std::expected<std::string, FileError> read_operators_file(const std::string& path,
                                                                        std::size_t limit);

}  // namespace dotkeep::supervisor
