// Memory: more of it, and code that was not there when the process was sealed.
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "escape/attempt.h"

namespace dotkeep::escape {
namespace {

constexpr long kPage = 4096;
alignas(kPage) std::array<unsigned char, 2 * kPage> data;

long map(int protection, int flags = MAP_PRIVATE | MAP_ANONYMOUS) {
  return ::syscall(SYS_mmap, nullptr, kPage, protection, flags, -1, 0);
}

int some_code() {
  return 7;
}

// x86-64 and AArch64 alike have a byte-wise copy of it do the same.
using Code = int (*)();

bool runs(void* at) {
  Code code = nullptr;
  std::memcpy(&code, &at, sizeof code);
  return code() == 7;
}

constexpr Attempt kAttempts[] = {
    {"mmap: memory", [](const World&) { return map(PROT_READ | PROT_WRITE) != -1; }},
    {"mmap: executable memory", [](const World&) { return map(PROT_READ | PROT_EXEC) != -1; }},
    {"mmap: writable and executable",
     [](const World&) { return map(PROT_READ | PROT_WRITE | PROT_EXEC) != -1; }},
    {"mmap: shared with others",
     [](const World&) { return map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS) != -1; }},
    {"mmap: over its own data",
     [](const World&) {
       return ::syscall(SYS_mmap, data.data(), kPage, PROT_READ,
                        MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != -1;
     }},
    {"mprotect: data executable",
     [](const World&) { return got(::mprotect(data.data(), kPage, PROT_READ | PROT_EXEC)); }},
    {"mprotect: code writable",
     [](const World&) {
       const auto at = reinterpret_cast<std::uintptr_t>(&some_code) & ~std::uintptr_t{kPage - 1};
       return got(::syscall(SYS_mprotect, at, kPage, PROT_READ | PROT_WRITE | PROT_EXEC));
     }},
    {"pkey_mprotect",
     [](const World&) {
       return got(::syscall(SYS_pkey_mprotect, data.data(), kPage, PROT_READ, -1));
     }},
    {"mremap",
     [](const World&) {
       return ::syscall(SYS_mremap, data.data(), kPage, kPage, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
                        0) != -1;
     }},
    {"munmap", [](const World&) { return got(::munmap(data.data(), kPage)); }},
    {"madvise: drop pages",
     [](const World&) { return got(::madvise(data.data(), kPage, MADV_DONTNEED)); }},
    {"brk: a larger heap",
     [](const World&) {
       const auto now = reinterpret_cast<std::uintptr_t>(::sbrk(0));
       return static_cast<std::uintptr_t>(::syscall(SYS_brk, now + 16 * kPage)) == now + 16 * kPage;
     }},
    {"mlock", [](const World&) { return got(::mlock(data.data(), kPage)); }},
    {"mlockall", [](const World&) { return got(::mlockall(MCL_CURRENT)); }},
    {"remap_file_pages",
     [](const World&) {
       return got(::syscall(SYS_remap_file_pages, data.data(), kPage, 0, 0, 0));
     }},
    {"shmget", [](const World&) { return got(::shmget(IPC_PRIVATE, kPage, 0600)); }},
    {"shmat",
     [](const World&) {
       return ::syscall(SYS_shmat, ::shmget(IPC_PRIVATE, kPage, 0600), nullptr, 0) != -1;
     }},
#ifdef SYS_memfd_secret
    {"memfd_secret", [](const World&) { return got(::syscall(SYS_memfd_secret, 0)); }},
#endif
    {"userfaultfd", [](const World&) { return got(::syscall(SYS_userfaultfd, 1)); }},
    {"membarrier", [](const World&) { return got(::syscall(SYS_membarrier, 0, 0, 0)); }},
    {"run what lies in its data",
     [](const World&) {
       std::memcpy(data.data(), reinterpret_cast<const void*>(&some_code), 64);
       return runs(data.data());
     }},
    {"run what lies on its stack",
     [](const World&) {
       std::array<unsigned char, 64> stack{};
       std::memcpy(stack.data(), reinterpret_cast<const void*>(&some_code), stack.size());
       return runs(stack.data());
     }},
    {"write over its own code",
     [](const World&) {
       auto* const at =
           reinterpret_cast<volatile unsigned char*>(reinterpret_cast<std::uintptr_t>(&some_code));
       *at = *at;
       return true;
     }},
};

}  // namespace

std::span<const Attempt> memory_attempts() {
  return kAttempts;
}

}  // namespace dotkeep::escape
