#include "sandbox/landlock.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/fd.h"

namespace dotkeep::sandbox {
namespace {

// linux/landlock.h as of interface 7. Debian 12's own stops at 2, and what is compiled in must not
// depend on the build machine.
struct RulesetAttr {
  std::uint64_t handled_access_fs;
  std::uint64_t handled_access_net;  // since 4
  std::uint64_t scoped;              // since 6
};
struct [[gnu::packed]] PathBeneathAttr {
  std::uint64_t allowed_access;
  std::int32_t parent_fd;
};
struct NetPortAttr {
  std::uint64_t allowed_access;
  std::uint64_t port;
};
constexpr unsigned kCreateRulesetVersion = 1;
constexpr int kRulePathBeneath = 1;
constexpr int kRuleNetPort = 2;
constexpr std::uint64_t kExecute = 1U << 0;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadDir = 1U << 3;
constexpr std::uint64_t kBindTcp = 1U << 0;
constexpr std::uint64_t kConnectTcp = 1U << 1;
constexpr std::uint64_t kScopes = 0b11;  // abstract Unix sockets, signals
constexpr int kNetworkSince = 4;
constexpr int kScopesSince = 6;

// Every right over files that an interface knows: bits 0..12 at first, then REFER, TRUNCATE and
// IOCTL_DEV.
std::uint64_t file_rights(int abi) {
  const unsigned count = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
  return (std::uint64_t{1} << count) - 1;
}

// Attributes as long as the interface knows them: an older kernel refuses more than that.
std::size_t attr_size(int abi) {
  if (abi >= kScopesSince) return sizeof(RulesetAttr);
  return abi >= kNetworkSince ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t);
}

bool add_path(int ruleset, const PathGrant& grant) {
  struct stat status{};
  if (::fstat(grant.fd, &status) != 0) return false;
  PathBeneathAttr rule{};
  rule.parent_fd = grant.fd;
  if (grant.read) rule.allowed_access |= kReadFile;
  if (grant.read && S_ISDIR(status.st_mode)) rule.allowed_access |= kReadDir;
  if (grant.execute) rule.allowed_access |= kExecute;
  // A rule without rights is an error to the kernel, and nothing to us.
  return rule.allowed_access == 0 ||
         ::syscall(SYS_landlock_add_rule, ruleset, kRulePathBeneath, &rule, 0) == 0;
}

bool add_port(int ruleset, std::uint16_t port) {
  const NetPortAttr rule{kConnectTcp, port};
  return ::syscall(SYS_landlock_add_rule, ruleset, kRuleNetPort, &rule, 0) == 0;
}

}  // namespace

int landlock_abi() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kCreateRulesetVersion);
  return static_cast<int>(std::clamp(abi, 0L, static_cast<long>(kLandlockAbi)));
}

std::expected<void, int> enter_landlock(const Policy& policy, const Grants& grants,
                                        Layers& layers) {
  const int abi = landlock_abi();
  const bool network = policy.landlock_network && abi >= kNetworkSince;
  const bool scopes = policy.landlock_scopes && abi >= kScopesSince;
  if (abi == 0 || !(policy.landlock_files || network || scopes)) return {};
  RulesetAttr attr{};
  if (policy.landlock_files) attr.handled_access_fs = file_rights(abi);
  if (network) attr.handled_access_net = kBindTcp | kConnectTcp;
  if (scopes) attr.scoped = kScopes;
  const Fd ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attr, attr_size(abi), 0)));
  if (!ruleset) return std::unexpected(errno);
  if (policy.landlock_files) {
    for (const PathGrant& grant : grants.paths) {
      if (!add_path(ruleset.get(), grant)) return std::unexpected(errno);
    }
  }
  if (network) {
    for (const std::uint16_t port : grants.connect_ports) {
      if (!add_port(ruleset.get(), port)) return std::unexpected(errno);
    }
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return std::unexpected(errno);
  layers.landlock_abi = abi;
  layers.landlock_files = policy.landlock_files;
  layers.landlock_network = network;
  layers.landlock_scopes = scopes;
  return {};
}

}  // namespace dotkeep::sandbox
