// Unix sockets that take no descriptors. Who receives one that hangs when it is closed hangs with
// it, and a process that was taken could lend what it holds.
#pragma once

#include <sys/socket.h>

namespace dotkeep::supervisor {

// SO_PASSRIGHTS: Linux 6.16, newer than the headers of Debian 12. An older kernel has no such
// option: there only the receiver looks.
inline constexpr int kPassRights = 83;

// From here on nobody can send a descriptor to this end, or to what is accepted from it, and no
// worker has the call that would change it back.
inline void take_no_descriptors(int fd) {
  const int off = 0;
  static_cast<void>(::setsockopt(fd, SOL_SOCKET, kPassRights, &off, sizeof off));
}

}  // namespace dotkeep::supervisor
