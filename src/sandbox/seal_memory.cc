#include "sandbox/seal_memory.h"

#include <elf.h>
#include <link.h>
#include <linux/prctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>

// The linker's name for the first octet of the program in memory.
extern "C" const ElfW(Ehdr) __ehdr_start [[gnu::visibility("hidden")]];  // NOLINT

namespace dotkeep::sandbox {
namespace {

constexpr long kMseal =
    462;  // Linux 6.10, the same number on every architecture; newer than Debian 12's headers
constexpr std::uintptr_t kPage = 4096;

bool seal_range(std::uintptr_t from, std::uintptr_t to) {
  return from >= to || ::syscall(kMseal, from, to - from, 0UL) == 0;
}

}  // namespace

bool seal_program() {
  const ElfW(Ehdr)* const header = &__ehdr_start;
  const auto base = reinterpret_cast<std::uintptr_t>(header);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the object that it starts has the header's size only
  const auto* const segments = reinterpret_cast<const ElfW(Phdr)*>(base + header->e_phoff);
  bool sealed = true;
  for (std::size_t i = 0; i < header->e_phnum && sealed; ++i) {
    const ElfW(Phdr)& segment = segments[i];
    const std::uintptr_t from = (base + segment.p_vaddr) & ~(kPage - 1);
    const std::uintptr_t to = base + segment.p_vaddr + segment.p_memsz;
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) == 0) {
      sealed = seal_range(from, (to + kPage - 1) & ~(kPage - 1));
    } else if (segment.p_type == PT_GNU_RELRO) {
      sealed = seal_range(from, to & ~(kPage - 1));  // as the C library made it read-only
    }
  }
  return sealed;
}

bool lock_memory() {
  return ::mlockall(MCL_CURRENT | MCL_ONFAULT) == 0;
}

bool stop_speculation() {
  bool had_a_choice = false;
  for (const int which : {PR_SPEC_STORE_BYPASS, PR_SPEC_INDIRECT_BRANCH}) {
    const auto kind = static_cast<unsigned long>(which);
    // An error says that it is not for a process to choose: no processor with this flaw, or whoever
    // started the machine has decided for all.
    if (::prctl(PR_SET_SPECULATION_CTRL, kind, PR_SPEC_FORCE_DISABLE, 0UL, 0UL) == 0)
      had_a_choice = true;
  }
  return had_a_choice;
}

}  // namespace dotkeep::sandbox
