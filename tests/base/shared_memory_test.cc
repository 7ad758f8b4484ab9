#include "base/shared_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>

namespace dotkeep {
namespace {

constexpr std::size_t kSize = 8192;

TEST(SharedMemory, IsSeenByEachWhoMapsIt) {
  const auto fd = make_shared_memfd("test", kSize);
  ASSERT_TRUE(fd);
  auto* mine = static_cast<volatile std::uint8_t*>(map_shared(fd->get(), kSize));
  ASSERT_NE(mine, nullptr);
  EXPECT_EQ(mine[kSize - 1], 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto* its = static_cast<volatile std::uint8_t*>(map_shared(fd->get(), kSize));
    its[kSize - 1] = 42;
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(mine[kSize - 1], 42);
}

TEST(SharedMemory, KeepsItsSize) {
  const auto fd = make_shared_memfd("test", kSize);
  ASSERT_TRUE(fd);
  EXPECT_NE(::ftruncate(fd->get(), 0), 0);
  EXPECT_NE(::ftruncate(fd->get(), 2 * kSize), 0);
}

TEST(SharedMemory, IsNothingWithoutADescriptor) {
  EXPECT_EQ(map_shared(-1, kSize), nullptr);
}

}  // namespace
}  // namespace dotkeep
