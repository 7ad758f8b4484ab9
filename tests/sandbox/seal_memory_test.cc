// What a process puts over its own memory, without a filter that would hide whether it holds.
#include "sandbox/seal_memory.h"

#include <gtest/gtest.h>
#include <linux/prctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <string>

#include "policy/policies.h"
#include "tests/sandbox/child.h"

#ifndef DOTKEEP_SANITIZER_OVERLAY

namespace dotkeep::sandbox {
namespace {

using test::exited;
using test::in_child;

constexpr long kMseal = 462;

bool kernel_has_mseal() {
  return ::syscall(kMseal, 0UL, 0UL, 0UL) == 0;
}

// Makes the page that `at` lies in writable; 0 or the error.
int make_writable(const void* at) {
  const auto page = reinterpret_cast<std::uintptr_t>(at) & ~std::uintptr_t{4095};
  return ::syscall(SYS_mprotect, page, 4096UL, PROT_READ | PROT_WRITE) == 0 ? 0 : errno;
}

TEST(SealProgram, CodeAndPolicyTablesCanNeverBeMadeWritable) {
  if (!kernel_has_mseal()) {
    EXPECT_FALSE(seal_program());
    return;
  }
  const auto* const table = policy::kFrontend.filter.data();
  EXPECT_EQ(in_child([&] { return make_writable(table); }), exited(0)) << "before, it can";
  EXPECT_EQ(in_child([&] { return seal_program() ? make_writable(table) : 99; }), exited(EPERM));
  EXPECT_EQ(in_child([&] { return seal_program() ? make_writable(&policy::kFrontend) : 99; }),
            exited(EPERM));
  EXPECT_EQ(in_child([] {
              if (!seal_program()) return 99;
              return make_writable(reinterpret_cast<const void*>(&seal_program));
            }),
            exited(EPERM));
}

// As prctl(2) tells it: what was a process's to choose is off and stays so.
TEST(StopSpeculation, WhatAProcessMayChooseIsOffForGood) {
  constexpr int kMayChoose = PR_SPEC_PRCTL;
  for (const int which : {PR_SPEC_STORE_BYPASS, PR_SPEC_INDIRECT_BRANCH}) {
    const auto kind = static_cast<unsigned long>(which);
    const auto told = [kind] { return ::prctl(PR_GET_SPECULATION_CTRL, kind, 0UL, 0UL, 0UL); };
    const int before = told();
    if (before < 0 || (before & kMayChoose) == 0) continue;  // not to be chosen here
    EXPECT_EQ(in_child([&] {
                if (!stop_speculation()) return 98;
                if (::prctl(PR_SET_SPECULATION_CTRL, kind, PR_SPEC_ENABLE, 0UL, 0UL) == 0)
                  return 99;
                return told() & ~kMayChoose;
              }),
              exited(PR_SPEC_FORCE_DISABLE));
  }
}

TEST(SealProgram, DataStaysWritable) {
  EXPECT_EQ(in_child([] {
              static volatile int written = 1;
              static_cast<void>(seal_program());
              written = 2;
              return make_writable(const_cast<int*>(&written));
            }),
            exited(0));
}

TEST(LockMemory, FailsWhereTheLimitForbidsIt) {
  EXPECT_EQ(in_child([] {
              const rlimit none{0, 0};
              ::setrlimit(RLIMIT_MEMLOCK, &none);
              if (::setresuid(65534, 65534, 65534) != 0 && ::getuid() == 0) return 98;
              return lock_memory() ? 1 : 0;
            }),
            exited(0));
}

TEST(LockMemory, LocksWhatIsTouchedAndNoMore) {
  EXPECT_EQ(in_child([] {
              if (!lock_memory()) return 99;
              std::ifstream status("/proc/self/status");
              for (std::string line; std::getline(status, line);) {
                long kib = 0;
                if (std::sscanf(line.c_str(), "VmLck: %ld", &kib) == 1) return kib > 0 ? 0 : 1;
              }
              return 2;
            }),
            exited(0))
      << "as root it may, whatever the limit";
}

}  // namespace
}  // namespace dotkeep::sandbox

#endif
