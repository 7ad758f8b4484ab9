// Giving up privileges, each time in a child. Most of it needs root to begin with.
#include "supervisor/privileges.h"

#include <cap-ng.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "tests/sandbox/child.h"

namespace dotkeep::supervisor {
namespace {

using test::exited;
using test::in_child;

constexpr Account kNobody{65534, 65534};

class Drop : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

bool no_capabilities() {
  return ::capng_get_caps_process() == 0 &&
         ::capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE;
}

bool empty_bounding_set() {
  return ::capng_get_caps_process() == 0 &&
         ::capng_have_capabilities(CAPNG_SELECT_BOUNDS) == CAPNG_NONE;
}

TEST_F(Drop, RootBecomesTheAccountWithNothingLeft) {
  EXPECT_EQ(in_child([] {
              const gid_t groups[] = {1, 2};
              if (::setgroups(2, groups) != 0 || !drop_privileges(kNobody)) return 99;
              if (::getuid() != kNobody.uid || ::getegid() != kNobody.gid) return 1;
              if (::getgroups(0, nullptr) != 0) return 2;
              if (!no_capabilities()) return 3;
              if (!empty_bounding_set()) return 4;
              const int bits = ::prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
              if ((bits & SECBIT_NOROOT) == 0 || (bits & SECBIT_NO_SETUID_FIXUP) == 0) return 5;
              if ((bits & SECURE_ALL_LOCKS) != SECURE_ALL_LOCKS) return 6;
              if ((bits & SECBIT_KEEP_CAPS) != 0) return 7;
              if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 8;
              return ::setuid(0) == 0 ? 9 : 0;
            }),
            exited(0));
}

TEST_F(Drop, RootsOwnAccountIsRefused) {
  EXPECT_EQ(in_child([] {
              const auto dropped = drop_privileges(Account{0, 0});
              return !dropped && dropped.error().error == EPERM ? 0 : 1;
            }),
            exited(0));
}

TEST_F(Drop, WithoutTheRightToSetBitsItDropsTheRest) {
  EXPECT_EQ(
      in_child([] {
        ::capng_get_caps_process();
        ::capng_updatev(CAPNG_DROP, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
                        CAP_SETPCAP, -1);
        if (::capng_apply(CAPNG_SELECT_CAPS) != 0 || !drop_privileges(kNobody)) return 99;
        return no_capabilities() && ::getuid() == kNobody.uid && !empty_bounding_set() ? 0 : 1;
      }),
      exited(0));
}

TEST_F(Drop, WithoutRootItDropsWhatItHas) {
  EXPECT_EQ(in_child([] {
              ::capng_clear(CAPNG_SELECT_ALL);
              ::capng_update(CAPNG_ADD,
                             static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
                             CAP_NET_BIND_SERVICE);
              if (::capng_change_id(1234, 1234, CAPNG_DROP_SUPP_GRP) != 0 || no_capabilities())
                return 99;
              if (!drop_privileges(std::nullopt)) return 1;
              return no_capabilities() && ::getuid() == 1234 ? 0 : 2;
            }),
            exited(0));
}

TEST_F(Drop, WithoutAnythingItSucceeds) {
  EXPECT_EQ(in_child([] {
              if (!drop_privileges(kNobody)) return 99;
              return drop_privileges(std::nullopt) ? 0 : 1;
            }),
            exited(0));
}

TEST_F(Drop, WithoutRootItCannotBecomeAnother) {
  EXPECT_EQ(in_child([] {
              if (!drop_privileges(kNobody)) return 99;
              return drop_privileges(Account{1234, 1234}) ? 1 : 0;
            }),
            exited(0));
}

TEST(Account, ByNameAndByNumber) {
  const auto file =
      std::filesystem::temp_directory_path() / ("dotkeep-passwd-" + std::to_string(::getpid()));
  std::ofstream(file) << "root:x:0:0::/:/bin/sh\n# comment\nbroken\n"
                         "dotkeep:x:123:456::/nonexistent:/usr/sbin/nologin\n";
  EXPECT_EQ(find_account("dotkeep", file.c_str()), (Account{123, 456}));
  EXPECT_EQ(find_account("dotkee", file.c_str()), std::nullopt);
  EXPECT_EQ(find_account("", file.c_str()), std::nullopt);
  std::filesystem::remove(file);
  EXPECT_EQ(find_account("dotkeep", file.c_str()), std::nullopt);
  EXPECT_EQ(find_account("65532", file.c_str()), (Account{65532, 65532}));
  EXPECT_EQ(find_account("65532:7", file.c_str()), (Account{65532, 7}));
  for (const char* wrong : {"65532:", "65532:x", "12a", "4294967295", "4294967296", "1:2:3"}) {
    EXPECT_EQ(find_account(wrong, file.c_str()), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace dotkeep::supervisor
