#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "sandbox/landlock.h"
#include "sandbox/sandbox.h"
#include "sandbox/seal_memory.h"

namespace dotkeep::sandbox {
namespace {

// Linux 6.3; newer than the headers of Debian 12.
constexpr int kPrSetMdwe = 65;
constexpr unsigned long kPrMdweRefuseExecGain = 1;

// prctl(2) looks at all five: what is not used must be zero.
int control(int option, unsigned long value) {
  return ::prctl(option, value, 0UL, 0UL, 0UL);
}

// What is printed or logged to a file needs the right to make it longer, the one thing that the
// limit on file sizes would take away; a process that can open no file has nothing else to write.
bool prints_to_file() {
  const auto is_file = [](int fd) {
    struct stat status{};
    return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  };
  return is_file(STDOUT_FILENO) || is_file(STDERR_FILENO);
}

bool set_limits(std::span<const Rlimit> limits) {
  for (const Rlimit& limit : limits) {
    if (limit.resource == RLIMIT_FSIZE && prints_to_file()) continue;
    const rlimit value{limit.value, limit.value};
    if (::setrlimit(static_cast<__rlimit_resource_t>(limit.resource), &value) != 0) return false;
  }
  return true;
}

// Looks and changes nothing: giving capabilities up is bootstrap's, which has the right to.
bool without_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  for (const auto& set : sets) {
    if ((set.effective | set.permitted | set.inheritable) != 0) return false;
  }
  // Ambient ones are permitted ones. The bounding set ends where the kernel knows no more.
  for (unsigned long capability = 0; capability < 64; ++capability) {
    const int in_bounds = control(PR_CAPBSET_READ, capability);
    if (in_bounds < 0) return capability > 0;
    if (in_bounds > 0) return false;
  }
  return true;
}

bool filter_calls(std::span<const sock_filter> filter) {
  // The kernel copies the program and does not write to it.
  sock_fprog program{static_cast<unsigned short>(filter.size()),
                     const_cast<sock_filter*>(filter.data())};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0) return true;
  return errno == ENOSYS &&
         ::prctl(PR_SET_SECCOMP, static_cast<unsigned long>(SECCOMP_MODE_FILTER), &program) == 0;
}

}  // namespace

std::expected<Sealed, SealError> seal(const Policy& policy, const OnlyGiven& given,
                                      const Grants& grants) {
  const auto failed = [](std::string_view layer) {
    return std::unexpected(SealError{layer, errno});
  };
  Layers layers;
  layers.descriptors = given.complete();
  layers.namespaces = policy.namespaces && grants.confinement.namespaces;
  layers.empty_network = policy.empty_network && grants.confinement.empty_network;
  layers.empty_root = policy.empty_root && grants.confinement.empty_root;
  if (policy.memory_locked) {              // it holds keys
    layers.memory_locked = lock_memory();  // before the limit that forbids it
    layers.speculation = stop_speculation();
  }
  if (!set_limits(policy.rlimits)) return failed("rlimits");
  if (control(PR_SET_DUMPABLE, 0) != 0) return failed("not_dumpable");
  layers.not_dumpable = true;
  layers.mdwe = control(kPrSetMdwe, kPrMdweRefuseExecGain) == 0;
  if (!layers.mdwe && errno != EINVAL && errno != EPERM) return failed("mdwe");
  layers.mseal = seal_program();
  if (control(PR_SET_NO_NEW_PRIVS, 1) != 0) return failed("no_new_privs");
  layers.no_new_privs = true;
  layers.capabilities = without_capabilities();
  if (const auto entered = enter_landlock(policy, grants, layers); !entered) {
    return std::unexpected(SealError{"landlock", entered.error()});
  }
  if (!filter_calls(policy.filter)) return failed("seccomp");
  layers.seccomp = true;
  layers.no_memory = policy.no_memory;
  return Sealed(layers);
}

}  // namespace dotkeep::sandbox
