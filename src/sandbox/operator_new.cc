// `new` for programs without exceptions. The library's throws, and throwing calls what a sealed
// process may not call: it would die of the filter, with a cause that misleads. This one says what
// happened. `delete` is the library's, which is free().
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "base/log.h"
#include "sandbox/sandbox.h"

#ifndef DOTKEEP_SANITIZER_OVERLAY  // a sanitizer pairs its own new with its own delete

void* operator new(std::size_t octets) {
  void* const memory = std::malloc(octets == 0 ? 1 : octets);
  if (memory == nullptr) {
    dotkeep::log::error("out of memory", {{"octets", octets}});
    ::_exit(dotkeep::sandbox::kExitOutOfMemory);
  }
  return memory;
}

void* operator new[](std::size_t octets) {
  return operator new(octets);
}

void* operator new(std::size_t octets, const std::nothrow_t& /*unused*/) noexcept {
  return std::malloc(octets == 0 ? 1 : octets);
}

void* operator new[](std::size_t octets, const std::nothrow_t& /*unused*/) noexcept {
  return std::malloc(octets == 0 ? 1 : octets);
}

#endif
