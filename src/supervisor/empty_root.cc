#include "supervisor/empty_root.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace dotkeep::supervisor {

Fd make_empty_root() {
  for (const char* place : {"/run", "/dev/shm", "/tmp", "/var/tmp"}) {
    std::string path = std::string(place) + "/dotkeep-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) continue;
    Fd folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    // To be entered by the account that the workers have, which made it or not.
    const bool usable = ::chmod(path.c_str(), 0555) == 0;
    if (::rmdir(path.c_str()) == 0 && usable && folder) return folder;
  }
  return {};
}

}  // namespace dotkeep::supervisor
