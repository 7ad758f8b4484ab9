#include "supervisor/privileges.h"

#include <cap-ng.h>
#include <grp.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

namespace dotkeep::supervisor {
namespace {

using Result = std::expected<void, DropError>;

// No rights by being root, none by changing ids, none kept over it, none ambient; and locked.
constexpr unsigned long kSecureBits =
    SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
    SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

Result failed(std::string_view step, int error = errno) {
  return std::unexpected(DropError{step, error});
}

int control(int option, unsigned long value) {
  return ::prctl(option, value, 0UL, 0UL, 0UL);
}

// While CAP_SETPCAP is still there. The bits take effect before the ids change, so that changing
// them drops nothing by itself and the one place that drops is drop_capabilities().
Result lock() {
  ::capng_clear(CAPNG_SELECT_BOUNDS);
  if (::capng_apply(CAPNG_SELECT_BOUNDS) != 0) return failed("the bounding set");
  if (control(PR_SET_SECUREBITS, kSecureBits) != 0) return failed("the secure bits");
  return {};
}

// Groups before the user: afterwards there is no right to.
Result become(const Account& account) {
  if (::setgroups(0, nullptr) != 0) return failed("supplementary groups");
  if (::setresgid(account.gid, account.gid, account.gid) != 0) return failed("the group");
  if (::setresuid(account.uid, account.uid, account.uid) != 0) return failed("the user");
  return {};
}

// Ambient ones go with the permitted ones.
Result drop_capabilities() {
  ::capng_clear(CAPNG_SELECT_CAPS);
  if (::capng_apply(CAPNG_SELECT_CAPS) != 0) return failed("capabilities");
  return {};
}

// What was asked for is so, whatever the calls above have returned.
Result check(const std::optional<Account>& account) {
  if (::capng_get_caps_process() != 0 ||
      ::capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE) {
    return failed("capabilities are still there", EPERM);
  }
  if (!account) return {};
  uid_t uid[3]{};
  gid_t gid[3]{};
  if (::getresuid(&uid[0], &uid[1], &uid[2]) != 0 || ::getresgid(&gid[0], &gid[1], &gid[2]) != 0) {
    return failed("the account");
  }
  for (int i = 0; i < 3; ++i) {
    if (uid[i] != account->uid || gid[i] != account->gid) return failed("still who it was", EPERM);
  }
  if (::getgroups(0, nullptr) != 0) return failed("supplementary groups are still there", EPERM);
  if (::setresuid(0, 0, 0) == 0) return failed("can become root again", EPERM);
  return {};
}

}  // namespace

Result drop_privileges(const std::optional<Account>& account) {
  if (account && (account->uid == 0 || account->gid == 0)) {
    return failed("the account is root's", EPERM);
  }
  if (::capng_get_caps_process() != 0) return failed("capabilities cannot be read");
  if (::capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) == 1) {
    if (auto locked = lock(); !locked) return locked;
  }
  if (account) {
    if (auto became = become(*account); !became) return became;
  }
  if (auto dropped = drop_capabilities(); !dropped) return dropped;
  if (control(PR_SET_NO_NEW_PRIVS, 1) != 0) return failed("no_new_privs");
  return check(account);
}

}  // namespace dotkeep::supervisor
