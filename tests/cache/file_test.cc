// The file: what is saved is loaded, what is damaged is not, and a kill at any moment leaves one
// slot that is whole.
#include "cache/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "tests/cache/cache_help.h"

namespace dotkeep::cache {
namespace {

using testing::Kitchen;
using testing::kStart;
using testing::ReplyMessage;

constexpr std::uint64_t kReal = 1'700'000'000;
constexpr std::uint64_t kPurpose = 77;
constexpr Clocks kNow{kStart, kReal};

void save(MutableOctets disk, Cache& cache, const Clocks& now = kNow) {
  File file(disk, kPurpose, cache, testing::kAll);
  file.begin_save();
  while (file.save(7, now) != File::Step::done) {
  }
}

File::Outcome load(MutableOctets disk, Cache& cache, const Clocks& now = kNow,
                   std::uint64_t purpose = kPurpose) {
  File file(disk, purpose, cache, testing::kAll);
  while (file.load(3, now) != File::Step::done) {
  }
  return file.outcome();
}

Bytes disk_of(std::size_t share = 1 << 16) {
  return Bytes(2 * (kHeadSize + share));
}

TEST(File, BringsBackEveryKindOfAnswer) {
  Kitchen before;
  before.store_a("www.example");
  before.store(
      ReplyMessage("alias.example").cname("alias.example", "www.example").a("www.example"));
  before.store(ReplyMessage("nx.example")
                   .rcode(3)
                   .authority("example", dns::Type::SOA, dns::testing::soa()));
  before.store(ReplyMessage("signed.example")
                   .dnssec()
                   .a("signed.example")
                   .answer("signed.example", dns::Type::RRSIG,
                           dns::testing::rrsig(dns::Type::A, "example")));
  Bytes disk = disk_of();
  save(disk, before.cache);
  Kitchen after;
  const File::Outcome outcome = load(disk, after.cache);
  EXPECT_EQ(outcome.loaded, 4U);
  EXPECT_EQ(outcome.refused, 0U);
  for (const char* name : {"www.example", "alias.example", "nx.example"}) {
    EXPECT_EQ(to_hex(after.ask(name)), to_hex(before.ask(name))) << name;
    EXPECT_FALSE(after.ask(name).empty());
  }
  const Key with_do(testing::question("signed.example"), true, false);
  EXPECT_EQ(after.cache.find(with_do, Moment(kStart)).state, State::fresh);
  EXPECT_TRUE(after.ask("signed.example").empty());
}

TEST(File, ForgetsWhatIsSavedLoadedAndWritten) {
  Kitchen before;
  for (int i = 0; i < 20; ++i) before.store_a("n" + std::to_string(i) + ".example");
  Bytes disk = disk_of();
  save(disk, before.cache);
  save(disk, before.cache);  // both slots
  Bytes again = disk;
  Kitchen half;
  File file(disk, kPurpose, half.cache, testing::kAll);
  while (file.outcome().loaded == 0) ASSERT_EQ(file.load(3, kNow), File::Step::more);
  ASSERT_LT(file.outcome().loaded, 20U);
  file.forget();
  EXPECT_EQ(file.load(3, kNow), File::Step::done);
  Kitchen none;
  EXPECT_EQ(load(disk, none.cache).loaded, 0U);

  // A save that goes on, of what was there before, ends; the next one counts.
  File writing(again, kPurpose, before.cache, testing::kAll);
  writing.begin_save();
  ASSERT_EQ(writing.save(7, kNow), File::Step::more);
  writing.forget();
  EXPECT_EQ(writing.save(7, kNow), File::Step::done);
  EXPECT_EQ(load(again, none.cache).loaded, 0U);
  writing.begin_save();
  while (writing.save(7, kNow) != File::Step::done) {
  }
  EXPECT_EQ(load(again, none.cache).loaded, 20U);
}

TEST(File, BringsNothingThatTodaysPolicyForbids) {
  Kitchen before;
  before.store_a("www.example");
  before.store_a("nas.example");
  Bytes disk = disk_of();
  save(disk, before.cache);
  Kitchen after;
  const dns::Name forbidden = dns::Name::from_text("nas.example").value();
  File file(disk, kPurpose, after.cache, [&](const dns::Question& question, const dns::Reply&) {
    return !question.name.same_as(forbidden);
  });
  while (file.load(3, kNow) != File::Step::done) {
  }
  EXPECT_EQ(file.outcome().loaded, 1U);
  EXPECT_EQ(file.outcome().refused, 1U);
  EXPECT_FALSE(after.ask("www.example").empty());
  EXPECT_TRUE(after.ask("nas.example").empty());
}

TEST(File, AgesByRealTime) {
  Kitchen before;
  before.store_a("short.example", 100);
  before.store_a("long.example", 10000);
  Bytes disk = disk_of();
  save(disk, before.cache, {kStart + 10, kReal + 10});
  // Another boot: its monotonic clock says nothing about the old one's.
  Kitchen after(1 << 20, {.stale = 50});
  const Seconds now = kSecondsOffset + 5;
  const File::Outcome outcome = load(disk, after.cache, {now, kReal + 1000});
  EXPECT_EQ(outcome.loaded, 1U);
  EXPECT_EQ(outcome.expired, 1U);
  const Bytes answer = after.ask("long.example", now);
  ASSERT_FALSE(answer.empty());
  const std::size_t ttl = 12 + 14 + 4 + 6;
  EXPECT_EQ(answer[ttl + 2] << 8 | answer[ttl + 3], 9000);
  // What is stored after now has no age.
  Kitchen earlier;
  EXPECT_EQ(load(disk, earlier.cache, {kStart, kReal - 5}).expired, 2U);
}

TEST(File, IsNoFailureAndNothingThatMayNotBeKept) {
  Kitchen before;
  const dns::Ede why = dns::make_ede(dns::ExtendedError::network_error, "time-out");
  before.cache.fail(testing::key("bad.example"), before.packer.pack_failure({&why, 1}),
                    Failing::question, Moment(kStart));
  before.store_a("www.example");
  Bytes disk = disk_of();
  save(disk, before.cache);
  Kitchen after;
  EXPECT_EQ(load(disk, after.cache).loaded, 1U);
  EXPECT_EQ(after.cache.store().entries(), 1U);
}

TEST(File, OfAnotherPurposeIsRefused) {
  Kitchen before;
  before.store_a("www.example");
  Bytes disk = disk_of();
  save(disk, before.cache);
  Kitchen after;
  const File::Outcome outcome = load(disk, after.cache, kNow, kPurpose + 1);
  EXPECT_EQ(outcome.loaded, 0U);
  EXPECT_EQ(outcome.faults[0], SlotFault::foreign);
  EXPECT_EQ(outcome.faults[1], SlotFault::empty);
}

TEST(File, ThatIsDamagedAnywhereIsRefusedWhole) {
  Kitchen before;
  before.store_a("a.example");
  before.store_a("b.example");
  Bytes disk = disk_of(4096);
  save(disk, before.cache);
  const std::size_t used = kHeadSize + 2 * (2 + 9 + 12 + 15 + 16 + 11);
  std::size_t tried = 0;
  for (std::size_t at = 0; at < used; ++at) {
    if (at >= 56 && at < kHeadSize) continue;  // nothing is there
    for (const int flip : {0x01, 0x80, 0xff}) {
      Bytes damaged = disk;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ flip);
      Kitchen after;
      const File::Outcome outcome = load(damaged, after.cache);
      EXPECT_EQ(outcome.loaded, 0U) << at;
      EXPECT_EQ(after.cache.store().entries(), 0U) << at;
      EXPECT_TRUE(outcome.faulty[0]) << at;
      ++tried;
    }
  }
  EXPECT_EQ(tried, 3 * (56 + used - kHeadSize));
}

TEST(File, TheOlderSlotStaysWhileTheOtherIsWritten) {
  Kitchen before;
  before.store_a("old.example");
  Bytes disk = disk_of();
  save(disk, before.cache);
  before.store_a("new.example");
  File half(disk, kPurpose, before.cache, testing::kAll);
  while (half.load(100, kNow) != File::Step::done) {
  }
  half.begin_save();
  ASSERT_EQ(half.save(20, kNow), File::Step::more);
  Kitchen after;
  EXPECT_EQ(load(disk, after.cache).loaded, 1U);
  EXPECT_FALSE(after.ask("old.example").empty());
  // And the one after that overwrites the oldest.
  for (int i = 0; i < 3; ++i) save(disk, before.cache);
  Kitchen last;
  EXPECT_EQ(load(disk, last.cache).loaded, 2U);
}

TEST(File, ADamagedSlotLeavesTheOther) {
  Kitchen before;
  before.store_a("old.example");
  Bytes disk = disk_of();
  save(disk, before.cache);
  before.store_a("new.example");
  save(disk, before.cache);
  disk[disk.size() / 2 + kHeadSize + 30] ^= 1;  // the second, newer one
  Kitchen after;
  const File::Outcome outcome = load(disk, after.cache);
  EXPECT_EQ(outcome.loaded, 1U);
  EXPECT_EQ(outcome.faults[1], SlotFault::torn);
  EXPECT_FALSE(after.ask("old.example").empty());
}

TEST(File, ThatIsTooSmallHoldsWhatFits) {
  Kitchen before;
  for (int i = 0; i < 200; ++i) before.store_a("n" + std::to_string(i) + ".example");
  Bytes disk = disk_of(4096);
  save(disk, before.cache);
  Kitchen after;
  const std::size_t loaded = load(disk, after.cache).loaded;
  EXPECT_GT(loaded, 40U);
  EXPECT_LT(loaded, 70U);
}

// A child saves one state after the other, each of its own number of answers, and is killed.
TEST(File, LoadsAfterAKillAtAnyMoment) {
  constexpr int kKills = 200;
  constexpr std::size_t kSize = 2 * (kHeadSize + (1 << 16));
  auto* memory = static_cast<std::uint8_t*>(
      ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  const MutableOctets disk(memory, kSize);
  std::mt19937 random(1);  // NOLINT(*-msc51-cpp)
  Kitchen first;
  first.store_a("n0.example");
  save(disk, first.cache);
  int with_torn_slot = 0;
  std::size_t largest = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Kitchen writer;
      File file(disk, kPurpose, writer.cache, testing::kAll);
      while (file.load(1000, kNow) != File::Step::done) {
      }
      for (int i = 1;; ++i) {
        writer.store_a("n" + std::to_string(i % 300) + ".example");
        file.begin_save();
        while (file.save(100, kNow) != File::Step::done) {
        }
      }
    }
    ::usleep(static_cast<useconds_t>(1000 + random() % 4000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    Kitchen after;
    const File::Outcome outcome = load(disk, after.cache);
    ASSERT_GE(outcome.loaded, 1U) << kill;
    ASSERT_EQ(outcome.refused, 0U) << kill;
    ASSERT_EQ(outcome.loaded, after.cache.store().entries()) << kill;
    if (outcome.faulty[0] || outcome.faulty[1]) ++with_torn_slot;
    largest = std::max(largest, outcome.loaded);
  }
  std::printf("%d kills, of which %d left a slot unfinished; up to %zu answers\n", kKills,
              with_torn_slot, largest);
  EXPECT_GT(with_torn_slot, kKills / 4);
  ::munmap(memory, kSize);
}

}  // namespace
}  // namespace dotkeep::cache
