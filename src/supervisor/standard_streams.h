// Descriptors 0 to 2, as whoever started us left them.
#pragma once

#include <string_view>

namespace dotkeep::supervisor {

// Opens /dev/null at those of 0..2 that are closed, so that nothing that is opened later, a socket
// for one, becomes standard error. False: not even that can be opened. First of all in main().
[[nodiscard]] bool fill_standard_streams();

// All of it or what there is place for; where it cannot be written, nobody could be told.
void put_on_standard_error(std::string_view text);

// Makes standard error such that writing to it never waits: a reader of the log that stands still
// must not stop the program, nor Ctrl-S on the terminal that it goes to. A pipe or a terminal is
// opened anew, which leaves alone those who share the old one; a socket, which a service manager
// makes for us only, is changed. A file stays as it is. Where it cannot be done, nothing changes.
void unblock_standard_error();

}  // namespace dotkeep::supervisor
