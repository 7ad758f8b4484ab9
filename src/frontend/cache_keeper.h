// Keeps a frontend's cache over a restart: loads it at the start, saves it now and then and at the
// end, a little at a time, so that nobody waits for it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "cache/cache.h"
#include "cache/file.h"
#include "config/config.h"
#include "ipc/loop.h"

namespace dotkeep::frontend {

// The two slots of frontend number `index`, mapped from what was given as ipc::kCacheFileFd, which
// is closed: stores to them end up in the file, and no descriptor is left. Before the seal. Nothing
// when the file is not as the supervisor left it.
[[nodiscard]] std::optional<MutableOctets> map_cache_slots(std::uint32_t index,
                                                           std::uint32_t frontends);

// A number that changes with whatever makes answers of before worthless: who is asked for what, and
// the frontend whose names they are.
[[nodiscard]] std::uint64_t cache_purpose(const config::Config& config, std::uint32_t index,
                                          std::uint32_t frontends);

class CacheKeeper {
 public:
  CacheKeeper(ipc::Loop& loop, cache::Cache& cache, MutableOctets slots, std::uint64_t purpose,
              cache::File::Allows allows);

  void start();
  // After a reload, which may have emptied the cache.
  void set_purpose(std::uint64_t purpose);
  // After a flush, of whatever: the file holds it still. It is emptied at once, so that no crash
  // brings back what an operator was told is gone, and written anew a little later. What was not
  // loaded yet will not be.
  void forget();
  // Saves all, unless that takes until `deadline`: then the save before it stays.
  void finish(Time deadline);

 private:
  void on_timer();
  void tell_what_was_loaded() const;

  enum class Doing : std::uint8_t { loading, nothing, saving };

  ipc::Loop* loop_;
  cache::File file_;
  std::uint64_t purpose_;
  ipc::Timer timer_;
  Doing doing_ = Doing::loading;
  Time save_at_{};
};

}  // namespace dotkeep::frontend
