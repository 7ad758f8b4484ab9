#include "frontend/cache_keeper.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <chrono>
#include <utility>

#include "base/fd.h"
#include "base/log.h"
#include "frontend/routing.h"
#include "ipc/cache_file.h"
#include "ipc/descriptors.h"

namespace dotkeep::frontend {
namespace {

// What a crash or a loss of power costs at most, and how often a whole cache goes to the disk.
constexpr Duration kSaveEvery = std::chrono::minutes(5);
// Many flushes are one save, and a room that asks for them without end wears out no disk.
constexpr Duration kSaveAfterFlush = std::chrono::seconds(5);
// A step of loading or saving, and how much is done in one: a tenth of the time or so.
constexpr Duration kStepEvery = std::chrono::milliseconds(1);
constexpr std::size_t kRecordsPerStep = 64;
constexpr std::size_t kCellsPerStep = 1024;
constexpr std::size_t kCellsPerLook = 4096;  // at the clock, while the end is near

cache::Clocks clocks(Time now) {
  const auto real = std::chrono::system_clock::now().time_since_epoch();
  return {
      cache::seconds_of(now),
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(real).count())};
}

}  // namespace

std::optional<MutableOctets> map_cache_slots(std::uint32_t index, std::uint32_t frontends) {
  const Fd file(ipc::kCacheFileFd);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || status.st_size <= 0) return std::nullopt;
  const std::uint64_t part = static_cast<std::uint64_t>(status.st_size) / frontends;
  if (part % (2 * ipc::kCachePage) != 0 || part == 0) return std::nullopt;
  void* const memory = ::mmap(nullptr, part, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(),
                              static_cast<off_t>(part * index));
  if (memory == MAP_FAILED) return std::nullopt;
  return MutableOctets(static_cast<std::uint8_t*>(memory), part);
}

std::uint64_t cache_purpose(const config::Config& config, std::uint32_t index,
                            std::uint32_t frontends) {
  return sources_mark(config) ^ (std::uint64_t{index} << 32 | frontends);
}

CacheKeeper::CacheKeeper(ipc::Loop& loop, cache::Cache& cache, MutableOctets slots,
                         std::uint64_t purpose, cache::File::Allows allows)
    : loop_(&loop),
      file_(slots, purpose, cache, std::move(allows)),
      purpose_(purpose),
      timer_(loop, [this] { on_timer(); }) {}

void CacheKeeper::start() {
  timer_.arm(loop_->now());
}

void CacheKeeper::set_purpose(std::uint64_t purpose) {
  if (purpose == purpose_) return;
  purpose_ = purpose;
  file_.set_purpose(purpose);
  // What was being read is worthless now, and what was being written is not all of one kind.
  if (doing_ == Doing::loading) doing_ = Doing::nothing;
  if (doing_ == Doing::saving) file_.begin_save();
}

void CacheKeeper::forget() {
  file_.forget();
  if (doing_ == Doing::loading) tell_what_was_loaded();
  doing_ = Doing::nothing;
  save_at_ = loop_->now() + kSaveAfterFlush;
  timer_.arm(save_at_);
}

void CacheKeeper::on_timer() {
  const Time now = loop_->now();
  Time next = now + kStepEvery;
  switch (doing_) {
    case Doing::loading:
      if (file_.load(kRecordsPerStep, clocks(now)) == cache::File::Step::done) {
        tell_what_was_loaded();
        doing_ = Doing::nothing;
        next = save_at_ = now + kSaveEvery;
      }
      break;
    case Doing::nothing:
      if (now < save_at_) {
        next = save_at_;
        break;
      }
      file_.begin_save();
      doing_ = Doing::saving;
      break;
    case Doing::saving:
      if (file_.save(kCellsPerStep, clocks(now)) == cache::File::Step::done) {
        log::debug("cache saved", {{"records", file_.saved()}});
        doing_ = Doing::nothing;
        next = save_at_ = now + kSaveEvery;
      }
      break;
  }
  timer_.arm(next);
}

void CacheKeeper::tell_what_was_loaded() const {
  const cache::File::Outcome& outcome = file_.outcome();
  for (std::size_t i = 0; i < 2; ++i) {
    if (!outcome.faulty[i] || outcome.faults[i] == cache::SlotFault::empty) continue;
    log::warning("a slot of cache.file is not used",
                 {{"slot", i}, {"reason", cache::to_string(outcome.faults[i])}});
  }
  log::info(
      "cache loaded",
      {{"records", outcome.loaded}, {"too_old", outcome.expired}, {"refused", outcome.refused}});
}

void CacheKeeper::finish(Time deadline) {
  if (doing_ == Doing::loading) return;  // what is in the file is more than what we have
  file_.begin_save();
  for (;;) {
    const Time now = monotonic_now();
    if (now >= deadline) {
      log::warning("cache not saved: it took too long; the save before it stays");
      return;
    }
    if (file_.save(kCellsPerLook, clocks(now)) == cache::File::Step::done) break;
  }
  log::info("cache saved", {{"records", file_.saved()}});
}

}  // namespace dotkeep::frontend
