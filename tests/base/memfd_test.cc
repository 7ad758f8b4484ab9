#include "base/memfd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

namespace dotkeep {
namespace {

TEST(SealedMemfd, HoldsWhatItWasGiven) {
  std::string content(200'000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31);
  const auto fd = make_sealed_memfd("test", content);
  ASSERT_TRUE(fd);
  EXPECT_EQ(read_whole(fd->get(), content.size()), content);
  EXPECT_EQ(read_whole(fd->get(), content.size()), content);  // whatever was read before
  EXPECT_NE(::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(SealedMemfd, MayBeEmpty) {
  const auto fd = make_sealed_memfd("test", "");
  ASSERT_TRUE(fd);
  EXPECT_EQ(read_whole(fd->get(), 0), "");
}

TEST(SealedMemfd, CanBeChangedByNobody) {
  const auto fd = make_sealed_memfd("test", "content");
  ASSERT_TRUE(fd);
  EXPECT_EQ(::pwrite(fd->get(), "x", 1, 0), -1);
  EXPECT_EQ(::pwrite(fd->get(), "x", 1, 7), -1);
  EXPECT_EQ(::ftruncate(fd->get(), 1), -1);
  EXPECT_EQ(::ftruncate(fd->get(), 100), -1);
  EXPECT_EQ(::mmap(nullptr, 7, PROT_READ | PROT_WRITE, MAP_SHARED, fd->get(), 0), MAP_FAILED);
  EXPECT_EQ(::fcntl(fd->get(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE), -1);
  EXPECT_EQ(read_whole(fd->get(), 100), "content");
}

TEST(ReadWhole, TakesNoMoreThanItsLimit) {
  const auto fd = make_sealed_memfd("test", "12345");
  ASSERT_TRUE(fd);
  EXPECT_EQ(read_whole(fd->get(), 5), "12345");
  EXPECT_EQ(read_whole(fd->get(), 4), std::nullopt);
}

TEST(ReadWhole, SaysWhatCannotBeRead) {
  EXPECT_EQ(read_whole(-1, 100), std::nullopt);
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const Fd reading(pipe_ends[0]);
  const Fd writing(pipe_ends[1]);
  EXPECT_EQ(read_whole(reading.get(), 100), std::nullopt);  // has no beginning to read from
}

}  // namespace
}  // namespace dotkeep
