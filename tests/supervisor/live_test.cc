// What is read in /proc, on files like the kernel's.
#include "supervisor/live.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace dotkeep::supervisor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kSealed =
    "Name:\tdotkeep-fronten\nPPid:\t10\nUid:\t65532\t65532\t65532\t65532\nVmLck:\t     512 kB\n"
    "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
    "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n"
    "Seccomp_filters:\t2\nSpeculation_Store_Bypass:\tthread force mitigated\n"
    "SpeculationIndirectBranch:\tconditional force disabled\n";
constexpr const char* kOpen =
    "Name:\tx\nPPid:\t1\nUid:\t0\t0\t0\t0\nCapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\n"
    "NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n";

class Live : public testing::Test {
 protected:
  Live()
      : proc_(std::filesystem::temp_directory_path() /
              ("dotkeep-live-" + std::to_string(::getpid()))) {
    put(11, "status", kSealed);
    put(11, "cmdline", std::string("dotkeep-frontend\0000\0", 19));
    put(11, "maps", "1000-2000 r-xp 0\n2000-3000 rw-p 0\n");
    put(11, "net/dev", "Inter-|\n face |\n    lo: 0 0\n");
    put(11, "limits",
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max core file size        0                    0                    bytes     \n");
    put(10, "status", kOpen);
    put(10, "maps", "1000-2000 rwxp 0\n");
  }
  ~Live() override { std::filesystem::remove_all(proc_); }

  void put(int pid, const std::string& name, const std::string& text) {
    const auto path = proc_ / std::to_string(pid) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::string of(int pid, const std::string& layer) {
    const auto report = look_at(pid, proc_.string()).value();
    for (const Seen& seen : report) {
      if (seen.layer == layer) return (seen.missing ? "MISSING " : "") + seen.what;
    }
    return "?";
  }

  std::filesystem::path proc_;
};

TEST_F(Live, ASealedProcess) {
  EXPECT_EQ(of(11, "account"), "65532");
  EXPECT_EQ(of(11, "no_new_privs"), "yes");
  EXPECT_EQ(of(11, "capabilities"), "none in any set");
  EXPECT_THAT(of(11, "seccomp"), HasSubstr("2 filters"));
  EXPECT_EQ(of(11, "memory"), "none writable and executable; locked: 512 kB");
  EXPECT_EQ(of(11, "network"), "no interface but lo");
  EXPECT_EQ(of(11, "limits"), "core file size 0");
  EXPECT_EQ(of(11, "speculation"),
            "store bypass: thread force mitigated; indirect branches: conditional force disabled");
}

TEST_F(Live, AnUnsealedOne) {
  EXPECT_EQ(of(10, "account"), "MISSING 0");
  EXPECT_EQ(of(10, "no_new_privs"), "MISSING no");
  EXPECT_EQ(of(10, "seccomp"), "MISSING none");
  EXPECT_THAT(of(10, "capabilities"), HasSubstr("MISSING left: CapPrm="));
  EXPECT_THAT(of(10, "memory"), HasSubstr("MISSING SOME IS WRITABLE"));
}

TEST_F(Live, WhoIsThere) {
  EXPECT_THAT(children_of(10, proc_.string()), ElementsAre(11));
  EXPECT_THAT(children_of(11, proc_.string()), ElementsAre());
  EXPECT_EQ(name_of(11, proc_.string()), "dotkeep-frontend");
  EXPECT_EQ(name_of(12, proc_.string()), "");
  EXPECT_FALSE(look_at(12, proc_.string()));
}

TEST(StatusField, IsTheWholeKeys) {
  EXPECT_EQ(status_field("Seccomp_filters:\t2\nSeccomp:\t1\n", "Seccomp"), "1");
  EXPECT_EQ(status_field("Seccomp:\n", "Seccomp"), "");
  EXPECT_EQ(status_field("", "Seccomp"), "");
}

}  // namespace
}  // namespace dotkeep::supervisor
