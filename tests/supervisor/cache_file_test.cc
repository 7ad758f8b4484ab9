// cache.file must not write over what is not a cache.
#include "supervisor/cache_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "ipc/cache_file.h"

namespace dotkeep::supervisor {
namespace {

class CacheFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string made = testing::TempDir() + "dotkeep-cache-XXXXXX";
    ASSERT_NE(::mkdtemp(made.data()), nullptr);
    folder_ = made;
    config_.cache.size = 1U << 20;
    config_.cache.file = folder_ / "cache";
    config_.process.user = std::to_string(::geteuid());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& octets, mode_t mode = 0600) const {
    std::ofstream(config_.cache.file, std::ios::binary) << octets;
    ASSERT_EQ(::chmod(config_.cache.file.c_str(), mode), 0);
  }
  [[nodiscard]] std::string content() const {
    std::ifstream file(config_.cache.file, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Why it is not opened; "" when it is.
  [[nodiscard]] std::string refusal() const {
    const auto opened = open_cache_file(config_, 1);
    return opened ? "" : opened.error();
  }

  config::Config config_ = config::defaults();
  std::filesystem::path folder_;
};

TEST_F(CacheFile, IsMadeForItsOwnerAlone) {
  EXPECT_EQ(refusal(), "");
  struct stat status{};
  ASSERT_EQ(::stat(config_.cache.file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_EQ(static_cast<std::uint64_t>(status.st_size), ipc::cache_file_size(1U << 20, 1));
}

TEST_F(CacheFile, IsTakenWhereItIsEmptyOrZeroOrACache) {
  write("");
  EXPECT_EQ(refusal(), "");
  write(std::string(8192, '\0'));
  EXPECT_EQ(refusal(), "");
  std::string of_another_size(5 * 8192, '\0');
  write(of_another_size.replace(0, ipc::kCacheMark.size(), ipc::kCacheMark));
  EXPECT_EQ(refusal(), "");
  EXPECT_TRUE(content().starts_with(ipc::kCacheMark));
}

TEST_F(CacheFile, IsNotWhatSomebodyElseWrote) {
  const std::string pages(8192, '#');
  const std::string marked = "dkcache\nuser = \"dotkeep\"\n";
  for (const std::string& precious : {std::string("[process]\n"), pages, marked}) {
    write(precious);
    EXPECT_NE(refusal().find("no cache of dotkeep's"), std::string::npos) << refusal();
    EXPECT_EQ(content(), precious);
  }
}

TEST_F(CacheFile, IsNobodyElsesToWrite) {
  for (const mode_t mode : {0620U, 0602U, 0666U}) {
    write("", mode);
    EXPECT_NE(refusal().find("may be written by others"), std::string::npos) << refusal();
  }
  write("");
  std::filesystem::create_hard_link(config_.cache.file, folder_ / "other");
  EXPECT_NE(refusal().find("has another name"), std::string::npos) << refusal();
  std::filesystem::remove(folder_ / "other");
  if (::geteuid() != 0) return;
  ASSERT_EQ(::chown(config_.cache.file.c_str(), 12345, 12345), 0);
  EXPECT_NE(refusal().find("belongs to somebody else"), std::string::npos) << refusal();
  config_.process.user = "12345";
  EXPECT_EQ(refusal(), "");
}

TEST_F(CacheFile, IsNoPipeAndNoLink) {
  ASSERT_EQ(::mkfifo(config_.cache.file.c_str(), 0600), 0);
  EXPECT_NE(refusal().find("not a regular file"), std::string::npos) << refusal();
  std::filesystem::remove(config_.cache.file);
  std::filesystem::create_symlink(folder_ / "elsewhere", config_.cache.file);
  EXPECT_NE(refusal(), "");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "elsewhere"));
}

}  // namespace
}  // namespace dotkeep::supervisor
