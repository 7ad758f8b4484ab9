// The cache once more, as simply as it can be said: a map, two lists, no packing and no hashing but
// for the order in which entries go. What the real one does must never differ; the model test and
// the fuzz target cache_model drive both.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "base/siphash.h"
#include "cache/cache.h"

namespace dotkeep::cache::model {

struct Entry {
  std::uint32_t content = 0;  // which answer it is
  std::size_t size = 0;       // octets of key and value
  Seconds stored = 0, expires = 0, hold = 0;
  int hits = 0;
  int failures = 0;
  bool failure = false, transient = false, claimed = false, unreached = false;
  bool visited = false, proven = false;
};

// Who is there, and who goes when it is full: probation before SIEVE.
class Places {
 public:
  Places(std::size_t cells, const SipKey& secret)
      : cells_(cells), secret_(secret), ghosts_(cells / 2), in_use_(std::min(cells / 2, kFirst)) {}

  Entry* find(const std::string& key) {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const std::map<std::string, Entry>& all() const { return entries_; }
  [[nodiscard]] std::size_t used() const { return used_; }

  void put(const std::string& key, Entry entry) {
    if (const Entry* old = find(key)) {
      entry.visited = old->visited;
      entry.proven = old->proven;
      erase(key);
    }
    const std::size_t cells = needed(entry.size);
    if (entry.size > 65535 || cells > cells_ / 8) return;
    if (ghosts_[ghost_of(key)] == tag(key)) entry.proven = true;
    while (cells_ - used_ < cells) evict();
    used_ += cells;
    (entry.proven ? proven_ : probation_).push_back(key);
    entries_[key] = entry;
    if (entries_.size() > in_use_ && in_use_ < ghosts_.size()) {
      ghosts_[in_use_] = ghosts_[in_use_ - std::bit_floor(in_use_)];
      ++in_use_;
    }
  }

  void erase(const std::string& key) {
    const Entry& entry = entries_.at(key);
    used_ -= needed(entry.size);
    auto& queue = entry.proven ? proven_ : probation_;
    const auto at = std::ranges::find(queue, key);
    if (key == hand_) hand_ = std::next(at) == queue.end() ? std::string() : *std::next(at);
    queue.erase(at);
    entries_.erase(key);
  }

  void clear() { *this = Places(cells_, secret_); }

  static std::size_t needed(std::size_t size) { return size <= 24 ? 1 : 1 + (size - 24 + 59) / 60; }

 private:
  static constexpr std::size_t kFirst = 8;

  [[nodiscard]] std::uint32_t tag(const std::string& key) const {
    return static_cast<std::uint32_t>(
        siphash(secret_, Octets(reinterpret_cast<const std::uint8_t*>(key.data()), key.size())));
  }
  [[nodiscard]] std::size_t ghost_of(const std::string& key) const {
    const std::size_t index = tag(key) & (std::bit_ceil(in_use_) - 1);
    return index < in_use_ ? index : index - std::bit_ceil(in_use_) / 2;
  }

  void evict() {
    std::size_t on_probation = 0;
    for (const std::string& key : probation_) on_probation += needed(entries_[key].size);
    if (on_probation > cells_ / 8 || proven_.empty()) {
      for (int i = 0; i < 16 && entries_[probation_.front()].visited && probation_.size() > 1;
           ++i) {
        Entry& proof = entries_[probation_.front()];
        proof.visited = false;
        proof.proven = true;
        proven_.push_back(probation_.front());
        probation_.pop_front();
      }
      const std::string out = probation_.front();
      ghosts_[ghost_of(out)] = tag(out);
      erase(out);
      return;
    }
    auto hand = hand_.empty() ? proven_.begin() : std::ranges::find(proven_, hand_);
    for (int i = 0; i < 16 && entries_[*hand].visited; ++i) {
      entries_[*hand].visited = false;
      if (++hand == proven_.end()) hand = proven_.begin();
    }
    hand_ = *hand;
    erase(std::string(*hand));
  }

  std::size_t cells_;
  SipKey secret_;
  std::map<std::string, Entry> entries_;
  std::list<std::string> probation_;  // the oldest first
  std::list<std::string> proven_;
  std::string hand_;
  std::vector<std::uint32_t> ghosts_;  // one for each bucket that there may be
  std::size_t in_use_;                 // of them, as many as there were entries at once
  std::size_t used_ = 0;
};

struct Answer {
  State state = State::none;
  const Entry* entry = nullptr;
  bool at_once = false;
  bool refresh = false;
  bool unreached = false;
};

class Model {
 public:
  Model(std::size_t cells, const SipKey& secret, const Limits& limits)
      : places(cells, secret), limits_(limits) {}

  Answer find(const std::string& key, const std::string& any, Seconds now) {
    Entry* exact = places.find(key);
    Entry* name = places.find(any);
    for (Entry* entry : {exact, name}) {
      if (entry == nullptr || entry->failure || now >= entry->expires) continue;
      use(*entry);
      const Seconds life = entry->expires - entry->stored;
      const bool due =
          !entry->claimed && entry->hits >= 3 && life >= 10 && (entry->expires - now) <= life / 10;
      return {State::fresh, entry, false, due};
    }
    if (exact != nullptr && now < exact->expires) return {State::failed, exact};
    Entry* stale = find_stale(exact, name, now);
    if (stale == nullptr) return {};
    use(*stale);
    return {State::stale, stale, stale->failures > 0, now >= stale->hold, stale->unreached};
  }

  void store(const std::string& key, const std::string& any, const Entry& entry, bool no_such_name,
             Seconds life, Seconds now, bool transient) {
    const std::string& other = no_such_name ? key : any;
    const std::string& under = no_such_name ? any : key;
    if (places.find(other) != nullptr) places.erase(other);
    if (life == 0 && !transient) {
      if (places.find(under) != nullptr) places.erase(under);
      return;
    }
    Entry fresh = entry;
    fresh.stored = now;
    fresh.expires = now + life;
    fresh.transient = life == 0;
    places.put(under, fresh);
  }

  void fail(const std::string& key, const std::string& any, std::size_t size, bool transport,
            Seconds now) {
    Entry* exact = places.find(key);
    Entry* name = places.find(any);
    for (const Entry* entry : {exact, name}) {
      if (entry != nullptr && !entry->failure && now < entry->expires) return;
    }
    const auto hold = [&](int failures) {
      return now + (transport ? 1U : std::min(30U, failures > 5 ? 30U : 1U << (failures - 1)));
    };
    if (Entry* stale = find_stale(exact, name, now)) {
      stale->failures = std::min(stale->failures + 1, 255);
      stale->hold = hold(stale->failures);
      stale->unreached = transport;
      return;
    }
    Entry failure;
    failure.size = size;
    failure.failure = true;
    failure.failures = 1;
    if (exact != nullptr && exact->failure && now - exact->expires < 60) {
      failure.failures = std::min(exact->failures + 1, 255);
    }
    failure.stored = now;
    failure.hold = failure.expires = hold(failure.failures);
    places.put(key, failure);
  }

  Entry* find_stale(Entry* exact, Entry* name, Seconds now) {
    const auto stale = [&](const Entry* entry) {
      return entry != nullptr && !entry->failure && !entry->transient && now >= entry->expires &&
             now - entry->expires < limits_.stale;
    };
    if (!stale(exact)) return stale(name) ? name : nullptr;
    return stale(name) && name->stored > exact->stored ? name : exact;
  }

  Places places;

 private:
  static void use(Entry& entry) {
    entry.visited = true;
    entry.hits = std::min(entry.hits + 1, 255);
  }
  Limits limits_;
};

}  // namespace dotkeep::cache::model
