// A process gives up all that it will not need, for good, before it reads its first hostile octet.
//
// The event loop runs only with a `Sealed` value, which only seal() can make: a program that
// forgets to seal does not compile. Rights are text in policy/*.policy, compiled by tools/policyc
// into a Policy.
//
//   const auto given = sandbox::keep_only(fds);     // first of all
//   sandbox::reserve_memory(budget);                // then whatever the work needs: loop, timers
//   const auto sealed = sandbox::seal(policy::kFrontend, *given);
//   loop.run(*sealed);
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

#include "sandbox/confinement.h"
#include "sandbox/layers.h"
#include "sandbox/policy.h"

namespace dotkeep::sandbox {

struct SealError {
  std::string_view layer;  // which could not be put in force
  int error = 0;           // errno
};

// Proof that the process began with no descriptor but 0..2 and those that it names.
class OnlyGiven {
 public:
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  friend std::expected<OnlyGiven, SealError> keep_only(std::span<const int> fds);
  explicit OnlyGiven(bool complete) : complete_(complete) {}
  bool complete_;
};

// Closes every descriptor but 0..2 and `fds` (any order, at most kMaxGiven). To be called before
// the process opens any of its own: what it opens afterwards, an epoll or a timer descriptor, it
// keeps. A kernel without close_range (before 5.9) leaves the layer out.
[[nodiscard]] std::expected<OnlyGiven, SealError> keep_only(std::span<const int> fds);
inline constexpr std::size_t kMaxGiven = 8448;  // 64 frontends with 64 listeners, UDP and TCP

// A file or a directory, by a descriptor of it (O_PATH does), that Landlock lets through.
struct PathGrant {
  int fd = -1;
  bool read = false;     // the file, or what is beneath the directory, may be opened for reading
  bool execute = false;  // ... may be executed, by path or by a descriptor of it (execveat)
};

// What a policy leaves to be said at run time. Empty: nothing at all.
struct Grants {
  std::span<const std::uint16_t> connect_ports = {};  // TCP ports that may be connected to
  std::span<const PathGrant> paths = {};
  Confinement confinement = {};  // not put in force here: what is, says who started the process
};

// Proof that this process is sealed.
class Sealed {
 public:
  [[nodiscard]] const Layers& layers() const { return layers_; }

 private:
  friend std::expected<Sealed, SealError> seal(const Policy&, const OnlyGiven&, const Grants&);
  explicit Sealed(const Layers& layers) : layers_(layers) {}
  Layers layers_;
};

// Puts every layer of `policy` in force for the calling process: locked memory, rlimits, not
// dumpable, MDWE, mseal, no_new_privs, Landlock, seccomp last. A layer that the kernel lacks is
// left out and missing from layers(): the caller holds it against `require` by missing_layer().
// Seccomp failing, or any layer failing for another reason than that the kernel lacks it, is an
// error. Cost: about 60 system calls, once.
[[nodiscard]] std::expected<Sealed, SealError> seal(const Policy& policy, const OnlyGiven& given,
                                                    const Grants& grants = {});

// Before the seal: gets `octets` of address space from the kernel so that malloc can serve from it
// when the kernel gives no more; pages are touched only as they are used. Afterwards an allocation
// beyond the reserve fails: malloc and `new (std::nothrow)` return null. Plain `new` ends the
// process with a log line and kExitOutOfMemory, which is why what grows with traffic lives in
// pools. False: the kernel refused, which is logged. In a sanitizer build it does nothing.
[[nodiscard]] bool reserve_memory(std::size_t octets);
inline constexpr int kExitOutOfMemory = 71;  // EX_OSERR

// Octets that malloc can still serve, in all; one block of that size it cannot promise.
// Cost: walks the free lists; ask once a second, not for each query.
[[nodiscard]] std::size_t memory_left();

}  // namespace dotkeep::sandbox
