#include "dns/compress.h"

#include <gtest/gtest.h>

#include <vector>

#include "dns/expand.h"
#include "tests/dns/reply_message.h"

namespace dotkeep::dns::testing {
namespace {

class CompressTest : public ::testing::Test {
 protected:
  explicit CompressTest(std::size_t slots = 256) : slots_(slots), octets_(65536), out_(octets_) {
    out_.zeros(kHeaderSize);
  }

  // What writing the name adds.
  Bytes write(std::string_view presentation) {
    const std::size_t before = out_.size();
    names_.write(name(presentation));
    const Octets added = out_.written().subspan(before);
    return Bytes(added.begin(), added.end());
  }

  // The name at an offset, read by the parser.
  Bytes read(std::size_t at) {
    ExpandedName expanded;
    EXPECT_TRUE(expand_name(out_.written(), at, out_.size(), Pointers::follow, expanded));
    return Bytes(expanded.wire().begin(), expanded.wire().end());
  }

  std::vector<std::uint32_t> slots_;
  Bytes octets_;
  Writer out_;
  Compressor names_{slots_, out_};
};

TEST_F(CompressTest, PointsToTheLongestSuffix) {
  EXPECT_EQ(write("www.example."), name("www.example."));
  EXPECT_EQ(write("www.example."), hex("c00c"));
  EXPECT_EQ(write("example."), hex("c010"));
  EXPECT_EQ(write("a.example."), hex("0161 c010"));
  EXPECT_EQ(write("b.a.example."), hex("0162 c01d"));
  EXPECT_EQ(write("ample."), name("ample."));
  EXPECT_EQ(write("www.test."), name("www.test."));
}

TEST_F(CompressTest, TheRootIsItself) {
  EXPECT_EQ(write("."), hex("00"));
  EXPECT_EQ(write("."), hex("00"));
}

TEST_F(CompressTest, CaseDoesNotMatter) {
  EXPECT_EQ(write("wWw.eXample."), name("wWw.eXample."));
  EXPECT_EQ(write("WWW.example."), hex("c00c"));
  EXPECT_EQ(write("a-long-label-of-more-than-eight.EXAMPLE."),
            hex("1f") + text("a-long-label-of-more-than-eight") + hex("c010"));
  EXPECT_EQ(write("A-Long-Label-Of-More-Than-Eight.example."), hex("c01b"));
}

TEST_F(CompressTest, EmbeddedLengthsDoNotConfuse) {
  EXPECT_EQ(write("a\\001b."), hex("03610162 00"));
  EXPECT_EQ(write("a.b."), hex("0161 0162 00"));
}

TEST_F(CompressTest, NothingBeyondAPointersReach) {
  out_.zeros(0x3ffe - out_.size());
  EXPECT_EQ(write("a.b."), hex("0161 0162 00"));
  EXPECT_EQ(write("b."), hex("0162 00")) << "was at 0x4000";
  EXPECT_EQ(write("a.b."), hex("0161 0162 00")) << "was within reach, but not its suffix";
}

TEST_F(CompressTest, AllWithinAPointersReach) {
  out_.zeros(0x3ffd - out_.size());
  EXPECT_EQ(write("a.b."), hex("0161 0162 00"));
  EXPECT_EQ(write("c.b."), hex("0163 ffff"));
  EXPECT_EQ(write("a.b."), hex("fffd"));
}

TEST_F(CompressTest, AFullWriterIsLeftAlone) {
  out_.zeros(out_.remaining() - 3);
  names_.write(name("example."));
  EXPECT_FALSE(out_.ok());
  names_.write(name("example."));
  EXPECT_FALSE(out_.ok());
}

TEST_F(CompressTest, ManyNamesComeBack) {
  std::vector<std::pair<std::size_t, Bytes>> written;
  for (int i = 0; i < 3000; ++i) {
    const Bytes wire =
        name("n" + std::to_string(i % 700) + ".zone" + std::to_string(i % 13) + ".example.");
    written.emplace_back(out_.size(), wire);
    names_.write(wire);
  }
  ASSERT_TRUE(out_.ok());
  for (const auto& [at, wire] : written) EXPECT_EQ(read(at), wire);
}

// A slot and 18 bits of a hash do not make a name: among so many some agree by chance, of labels
// that are compared as one word and longer ones, of one length and of two.
TEST_F(CompressTest, OctetsDecideAndNotTheHash) {
  const auto label = [](std::uint8_t size, unsigned number) {
    const std::string digits = std::to_string(number);
    return Bytes{size} + text(std::string(size - digits.size(), 'x') + digits) + Bytes{0};
  };
  constexpr std::uint8_t kShort = 6;
  constexpr std::uint8_t kLong = 8;
  unsigned remembered = 0;
  for (; remembered < 2 * slots_.size(); ++remembered) {  // so full that none that is taken back is
    names_.write(label(kShort, remembered));
    names_.write(label(kLong, remembered));
  }
  const std::size_t before = out_.size();
  for (unsigned i = remembered; i < 1'000'000; ++i) {
    for (const std::uint8_t size : {kShort, kLong}) {
      names_.write(label(size, i));
      ASSERT_EQ(out_.size(), before + size + 2) << i;
      out_.rewind(before);
    }
  }
}

class TinyCompressTest : public CompressTest {
 protected:
  TinyCompressTest() : CompressTest(4) {}
};

TEST_F(TinyCompressTest, AFullTableStillWritesWhatIsTrue) {
  std::vector<std::pair<std::size_t, Bytes>> written;
  for (int i = 0; i < 100; ++i) {
    const Bytes wire = name("n" + std::to_string(i % 10) + ".a.b.c.d.");
    written.emplace_back(out_.size(), wire);
    names_.write(wire);
  }
  for (const auto& [at, wire] : written) EXPECT_EQ(read(at), wire);
}

}  // namespace
}  // namespace dotkeep::dns::testing
