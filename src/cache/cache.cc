#include "cache/cache.h"

#include <algorithm>

#include "cache/answer.h"
#include "dns/name_view.h"

namespace dotkeep::cache {

Cache::Cache(std::size_t octets, const Limits& limits, const SipKey& secret)
    : store_(octets, secret),
      limits_(limits),
      scratch_(std::make_unique_for_overwrite<std::array<std::uint8_t, Store::kMaxEntry>>()),
      key_scratch_{} {}

bool Cache::is_stale(const Info& info, Seconds now) const {
  return (info.flags & (kFailure | kTransient)) == 0 && now >= info.expires &&
         now - info.expires < limits_.stale;
}

CellId Cache::find_stale(CellId exact, CellId any, Seconds now) const {
  if (exact != kNoCell && !is_stale(store_.info(exact), now)) exact = kNoCell;
  if (any != kNoCell && !is_stale(store_.info(any), now)) any = kNoCell;
  if (exact == kNoCell || any == kNoCell) return exact != kNoCell ? exact : any;
  return store_.info(any).stored > store_.info(exact).stored ? any : exact;
}

Found Cache::find(const Key& key, std::uint32_t expected, Moment moment) {
  const Seconds now = moment.seconds();
  const CellId exact = store_.find(key.octets(), expected);
  const auto fresh = [&](CellId id) {
    const Info& info = store_.info(id);
    store_.touch(id);
    const bool due = (info.flags & kRefreshClaimed) == 0 && info.hits >= kPopular &&
                     info.expires - info.stored >= kWorthRefreshing &&
                     in_last_tenth(info.stored, info.expires, now);
    return Found{.state = State::fresh, .id = id, .refresh = due};
  };
  if (exact != kNoCell && now < store_.info(exact).expires &&
      (store_.info(exact).flags & kFailure) == 0) {
    return fresh(exact);
  }
  const CellId any = store_.find(key.any_type().octets());
  if (any != kNoCell && now < store_.info(any).expires) return fresh(any);
  if (exact != kNoCell && (store_.info(exact).flags & kFailure) != 0 &&
      moment.ticks() < store_.info(exact).hold) {
    return {.state = State::failed, .id = exact};
  }
  const CellId stale = find_stale(exact, any, now);
  if (stale == kNoCell) return {};
  store_.touch(stale);
  const Info& info = store_.info(stale);
  return {.state = State::stale,
          .id = stale,
          .at_once = info.failures != 0,
          .refresh = moment.ticks() >= info.hold,
          .unreached = (info.flags & kUnreached) != 0,
          .hold = info.hold};
}

Found Cache::newest(const Key& key, Seconds now) const {
  const CellId exact = store_.find(key.octets());
  const CellId any = store_.find(key.any_type().octets());
  CellId id = exact != kNoCell ? exact : any;
  if (exact != kNoCell && any != kNoCell && store_.info(any).stored > store_.info(exact).stored) {
    id = any;
  }
  if (id == kNoCell) return {};
  const Info& info = store_.info(id);
  if ((info.flags & kFailure) != 0) return {.state = State::failed, .id = id};
  if (now < info.expires || (info.flags & kTransient) != 0)
    return {.state = State::fresh, .id = id};
  return is_stale(info, now) ? Found{.state = State::stale, .id = id} : Found{};
}

std::size_t Cache::render(const Found& found, Seconds now, const dns::Query& query,
                          const dns::ResponseOptions& options, MutableOctets out,
                          std::uint32_t turn) {
  const auto value = Value::view(store_.value(found.id, *scratch_));
  if (!value) return 0;
  const Info& info = store_.info(found.id);
  const Aged aged{
      .age = now - std::min(now, info.stored), .stale = found.state == State::stale, .turn = turn};
  return render_answer(query, *value, aged, options, out);
}

bool Cache::denies(const Found& found) const {
  return (store_.info(found.id).flags & kDenies) != 0;
}

bool Cache::claim_refresh(const Found& found) {
  Info& info = store_.info(found.id);
  if ((info.flags & kRefreshClaimed) != 0) return false;
  info.flags = static_cast<std::uint8_t>(info.flags | kRefreshClaimed);
  return true;
}

void Cache::store(const Key& key, const Packed& packed, Seconds stored, bool transient) {
  const Key any = key.any_type();
  if (packed.no_such_name) {
    // Nothing is there for any type; what was there for this one is no longer true.
    if (const CellId old = store_.find(key.octets()); old != kNoCell) store_.erase(old);
  } else if (packed.positive) {
    if (const CellId old = store_.find(any.octets()); old != kNoCell) store_.erase(old);
  }
  const Octets under = packed.no_such_name ? any.octets() : key.octets();
  if (packed.lifetime == 0 && !transient) {
    if (const CellId old = store_.find(under); old != kNoCell) store_.erase(old);
    return;
  }
  Info info{};
  info.stored = stored;
  info.expires = stored + packed.lifetime;
  info.flags = static_cast<std::uint8_t>((packed.lifetime == 0 ? kTransient : 0) |
                                         (packed.no_such_name ? kDenies : 0));
  store_.put(under, packed.octets, info);
}

void Cache::fail(const Key& key, const Packed& failure, Failing failing, Moment moment) {
  const Seconds now = moment.seconds();
  const CellId exact = store_.find(key.octets());
  const CellId any = store_.find(key.any_type().octets());
  const auto fresh_answer = [&](CellId id) {
    return id != kNoCell && now < store_.info(id).expires &&
           (store_.info(id).flags & kFailure) == 0;
  };
  if (fresh_answer(exact) || fresh_answer(any)) return;  // only a refresh ahead of time failed
  unsigned failures = 1;
  const bool unreached = failing == Failing::transport;
  const auto wait = [&] { return unreached ? kMinFailure : back_off(failures); };
  if (const CellId stale = find_stale(exact, any, now); stale != kNoCell) {
    Info& info = store_.info(stale);
    info.failures = static_cast<std::uint8_t>(std::min(info.failures + 1, UINT8_MAX));
    failures = info.failures;
    info.hold = moment.after(wait());
    info.flags =
        static_cast<std::uint8_t>((info.flags & ~kUnreached) | (unreached ? kUnreached : 0));
    return;
  }
  if (exact != kNoCell) {
    const Info& before = store_.info(exact);
    if ((before.flags & kFailure) != 0 && now - before.expires < kFailureMemory) {
      failures = before.failures + 1U;
    }
  }
  Info info{};
  info.stored = now;
  info.flags = kFailure;
  info.failures = static_cast<std::uint8_t>(std::min(failures, 255U));
  info.expires = now + wait();
  info.hold = moment.after(wait());
  store_.put(key.octets(), failure.octets, info);
}

void Cache::be_impatient(const Key& key, Seconds now) {
  const CellId stale =
      find_stale(store_.find(key.octets()), store_.find(key.any_type().octets()), now);
  if (stale == kNoCell) return;
  Info& info = store_.info(stale);
  info.failures = std::max<std::uint8_t>(info.failures, 1);
  info.flags = static_cast<std::uint8_t>(info.flags & ~kUnreached);
}

std::size_t Cache::flush_all() {
  const std::size_t count = store_.entries();
  store_.clear();
  return count;
}

std::size_t Cache::flush(const dns::Name& name, bool below) {
  const dns::Name lower = name.lower();
  std::size_t count = 0;
  for (CellId id = 0; id < store_.cells(); ++id) {
    if (!store_.is_entry(id)) continue;
    const Octets key = store_.key(id, key_scratch_);
    const Octets owner = key.first(key.size() - 3);
    if (!(below ? dns::name_within(owner, lower.wire()) : dns::same_name(owner, lower.wire()))) {
      continue;
    }
    store_.erase(id);
    ++count;
  }
  return count;
}

std::optional<Cache::Kept> Cache::kept(CellId id, Seconds now) {
  if (!store_.is_entry(id)) return std::nullopt;
  const Info& info = store_.info(id);
  if ((info.flags & (kFailure | kTransient)) != 0) return std::nullopt;
  if (now >= info.expires && now - info.expires >= limits_.stale) return std::nullopt;
  return Kept{store_.key(id, key_scratch_), store_.value(id, *scratch_), info.stored, info.expires};
}

}  // namespace dotkeep::cache
