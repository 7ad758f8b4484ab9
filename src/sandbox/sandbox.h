// A worker gives up all that it will not need, for good, before it reads its first hostile octet.
//
// The event loop runs only with a `Sealed` value, which only seal() can make: a program that forgets to
// seal does not compile. Rights are text in policy/*.policy, compiled by tools/policyc into a Policy.
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace dotkeep::sandbox {

struct Rlimit {
  int resource;            // RLIMIT_*
  std::uint64_t value;     // soft and hard
};

// What policyc makes of a policy file.
struct Policy {
  std::string_view room;                   // "frontend"
  std::span<const sock_filter> filter;     // seccomp program
  std::size_t allowed_syscalls;            // how many distinct system calls it allows
  std::span<const Rlimit> rlimits;
  bool landlock_files;                     // no file may be opened, made, removed, ...
  bool landlock_network;                   // no TCP bind; no TCP connect but to `connect_ports` given to seal()
  bool landlock_scopes;                    // no abstract Unix sockets, no signals outside
  bool no_memory;                          // mmap, brk, mremap, mprotect, madvise answer ENOMEM
  bool overlay;                            // a sanitizer's overlay is in it
};

// Which layers are in force, for the log and for [sandbox] require.
struct Layers {
  bool no_new_privs = false;
  bool capabilities = false;   // none effective, permitted, inheritable, ambient or in the bounding set
  bool seccomp = false;
  bool landlock_files = false;
  bool landlock_network = false;
  bool landlock_scopes = false;
  bool mdwe = false;           // PR_SET_MDWE: no memory both writable and executable
  bool not_dumpable = false;
  bool descriptors = false;    // all but the given ones closed
  bool no_memory = false;
  int landlock_abi = 0;
  [[nodiscard]] bool has(std::string_view layer) const;  // by the names that `require` uses
  [[nodiscard]] std::string to_text() const;             // "no_new_privs capabilities seccomp landlock(7) ..."
};
// Names that [sandbox] require may list ("seccomp", "landlock", "capabilities", ...); "all" means each.
[[nodiscard]] std::span<const std::string_view> layer_names();

struct SealError {
  std::string_view layer;  // which could not be put in force
  int error = 0;           // errno
};

// Proof that this process is sealed.
class Sealed {
 public:
  [[nodiscard]] const Layers& layers() const { return layers_; }

 private:
  friend std::expected<Sealed, SealError> seal(const Policy&, std::span<const int>,
                                               std::span<const std::uint16_t>);
  explicit Sealed(const Layers& layers) : layers_(layers) {}
  Layers layers_;
};

// Puts every layer of `policy` in force for the calling process, in this order: descriptors other than 0..2
// and `keep` closed; rlimits; not dumpable; MDWE; Landlock; no_new_privs; seccomp last. Seccomp failing is an error;
// a layer that the kernel lacks is left out and missing from layers(): the caller holds it against
// `require`. `connect_ports`: the TCP ports that Landlock lets through (the connector's).
[[nodiscard]] std::expected<Sealed, SealError> seal(const Policy& policy, std::span<const int> keep,
                                                    std::span<const std::uint16_t> connect_ports = {});

// Before the seal: gets `octets` of memory from the kernel, touched or not, so that malloc can serve from it when
// the kernel gives no more. After the seal an allocation beyond it fails (malloc returns null); it never crashes.
void reserve_memory(std::size_t octets);

// Octets that malloc could still serve from the reserve, roughly. Cost: O(1).
[[nodiscard]] std::size_t memory_left();

}  // namespace dotkeep::sandbox
