// glibc's malloc over a heap that is grown before the seal and never given back. Why not another
// allocator: docs/decisions/memory-after-the-seal.md.
#include <malloc.h>

#include <cstdlib>

#include "base/log.h"
#include "sandbox/sandbox.h"

namespace dotkeep::sandbox {

bool reserve_memory([[maybe_unused]] std::size_t octets) {
#ifdef DOTKEEP_SANITIZER_OVERLAY
  return true;
#else
  // All from the one heap, none of it ever returned, no block with a mapping of its own (it would
  // go back to the kernel when freed and could not be had again).
  if (::mallopt(M_MMAP_MAX, 0) != 1 || ::mallopt(M_TRIM_THRESHOLD, -1) != 1 ||
      ::mallopt(M_ARENA_MAX, 1) != 1) {
    return false;
  }
  void* volatile whole = std::malloc(octets);  // volatile: or the compiler leaves the pair out
  if (whole == nullptr) {
    log::error("the kernel gives too little memory for this configuration", {{"octets", octets}});
    return false;
  }
  std::free(whole);
  return true;
#endif
}

std::size_t memory_left() {
  return ::mallinfo2().fordblks;
}

}  // namespace dotkeep::sandbox
