// Memory after the seal: served from the reserve, and then refused, never a crash.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "policy/policies.h"
#include "sandbox/sandbox.h"
#include "tests/sandbox/child.h"

#ifndef DOTKEEP_SANITIZER_OVERLAY  // a sanitizer brings its own allocator and memory

namespace dotkeep::sandbox {
namespace {

constexpr std::size_t kReserve = std::size_t{8} << 20;

bool seal_with_reserve() {
  const auto given = keep_only({});
  return reserve_memory(kReserve) && given && seal(policy::kFrontend, *given);
}

// A list through the blocks themselves, so that keeping account needs no memory.
struct Block {
  Block* next;
};

// Takes blocks of `size` until there are no more; how many octets there were.
std::size_t take_all(std::size_t size, Block*& list) {
  std::size_t taken = 0;
  while (void* const memory = std::malloc(size)) {
    std::memset(memory, 0x5a, size);
    list = new (memory) Block{list};
    taken += size;
  }
  return taken;
}

void free_all(Block*& list) {
  while (list != nullptr) std::free(std::exchange(list, list->next));
}

TEST(Memory, TheReserveIsServedAndThenRefused) {
  EXPECT_EQ(test::in_child([] {
              if (!seal_with_reserve()) return 99;
              Block* list = nullptr;
              const std::size_t taken = take_all(4096, list);
              if (taken < kReserve / 20 * 19 || taken > kReserve + (1 << 20)) return 1;
              if (memory_left() > kReserve / 20) return 2;
              if (new (std::nothrow) char[4096] != nullptr) return 3;
              free_all(list);
              return memory_left() > kReserve / 20 * 19 ? 0 : 4;
            }),
            test::exited(0));
}

TEST(Memory, PlainNewEndsTheProcessAndSaysSo) {
  EXPECT_EQ(test::in_child([] {
              if (!seal_with_reserve()) return 99;
              char* volatile beyond = new char[kReserve * 2];
              return beyond == nullptr ? 1 : 2;
            }),
            test::exited(kExitOutOfMemory));
}

TEST(Memory, WhatWasFreedIsServedAgainInOtherSizes) {
  EXPECT_EQ(
      test::in_child([] {
        if (!seal_with_reserve()) return 99;
        for (const std::size_t size : {std::size_t{64}, std::size_t{100000}, std::size_t{3000},
                                       std::size_t{500}, std::size_t{1} << 20}) {
          Block* list = nullptr;
          const std::size_t taken = take_all(size, list);
          // Headers of small blocks, the odd rest of large ones, a few hundred KiB cached.
          if (taken < kReserve / 4 * 3) return 1;
          free_all(list);
        }
        return 0;
      }),
      test::exited(0));
}

TEST(Memory, ReallocAndAlignedAllocationsFailLikeMalloc) {
  EXPECT_EQ(test::in_child([] {
              if (!seal_with_reserve()) return 99;
              char* block = static_cast<char*>(std::malloc(1 << 20));
              std::memset(block, 7, 1 << 20);
              // A realloc that fails frees nothing; volatile keeps the compiler from thinking
              // otherwise.
              decltype(block) volatile kept = block;
              if (std::realloc(block, kReserve * 2) != nullptr || block[12345] != 7) return 1;
              if (std::aligned_alloc(4096, kReserve * 2) != nullptr) return 2;
              if (std::calloc(kReserve, 2) != nullptr) return 3;
              std::free(kept);
              return 0;
            }),
            test::exited(0));
}

TEST(Memory, ABlockFromBeforeTheReserveMayBeFreedAfterTheSeal) {
  EXPECT_EQ(test::in_child([] {
              void* const mapped = std::malloc(std::size_t{4} << 20);  // has a mapping of its own
              if (mapped == nullptr || !seal_with_reserve()) return 99;
              std::free(mapped);
              return 0;
            }),
            test::exited(0));
}

}  // namespace
}  // namespace dotkeep::sandbox

#endif
